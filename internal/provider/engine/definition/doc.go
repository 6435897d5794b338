// Package definition is a report type as its author wrote it: one YAML file
// with titles, parameters, sources with their SQL, one combining SQL and a
// layout of figures, charts and tables.
//
// Promise: a Report that Parse returns without an error can be run: every
// placeholder in its SQL names a parameter, every source a database or folder
// that exists, every column is said once. Values given for its parameters are
// checked by Parameter.Value and by nothing else.
//
// Limits: whether the SQL is right, and gives the columns the layout names, is
// known when it runs. A file of the first subset stays readable for ever.
//
// Failure: Parse returns strictyaml.Mistakes, each with file, line and column.
// Value returns why a value is refused, in a sentence.
package definition
