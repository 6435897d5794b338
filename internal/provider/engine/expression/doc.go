// Package expression reads conditions that people type, like
//
//	rating >= 8 and (genre = 'Fighting' or genre in ('Racing', 'Sports'))
//
// and turns them into SQL whose every value is bound.
//
// Promise: what comes out is made of fields the author allowed, of operators
// from this package's own list and of placeholders; no letter of what was typed
// reaches SQL as text. What it says about a row is what a reader of the
// condition would say: and binds tighter than or, and a field without a value
// meets no comparison.
//
//	expression = and { "or" and }
//	and        = not { "and" not }
//	not        = "not" not | "(" expression ")" | comparison
//	comparison = field ( "=" | "<>" | "!=" | "<" | "<=" | ">" | ">=" ) value
//	           | field [ "not" ] "in" "(" value { "," value } ")"
//	           | field [ "not" ] "between" value "and" value
//	           | field "is" [ "not" ] "empty"
//
// Limits: 2,000 bytes, 50 comparisons and lists of 100 values, 16 levels.
// Fields are numbers, texts and days (written 'YYYY-MM-DD').
//
// Failure: Parse says what is wrong and at which character.
package expression
