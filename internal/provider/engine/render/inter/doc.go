// Package inter holds the typeface of the documents, Inter by Rasmus Andersson
// (SIL Open Font License 1.1, see OFL.txt), cut to what reports need and ready
// to be embedded in a PDF as it lies here; README.md tells how it is made.
//
// Promise: every text can be set. Each face comes in two Sets of letters, core
// for Turkish and English and rest for the other Latin ones; Run takes pieces
// of one set from a text. A character in neither becomes □ (U+25A1).
//
// Limits: left to right, no kerning, no ligatures; digits are tabular in every
// face, so figures line up under each other.
//
// Failure: Load fails only if the embedded files are damaged.
package inter
