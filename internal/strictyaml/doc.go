// Package strictyaml reads the small YAML files that people write, reports and
// settings, and says exactly where they went wrong.
//
// Promise: every mistake names file, line and column, and all mistakes of a
// file are told at once, in their order. A key nobody asked for is a mistake,
// and the nearest key that is known is offered.
//
// Limits: mappings, sequences and scalars only. Anchors, aliases, tags and
// merge keys are refused: a reader of the file should see what it says where
// it says it, and an alias can blow a small file up without end. At most
// 256 KiB and 32 levels.
//
// Failure: accessors record the mistake in their Document and give the zero
// value, so that code reading a file stays a plain description of it;
// Document.Err has them all as Mistakes.
package strictyaml
