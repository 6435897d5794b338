// Package lang writes numbers, dates and the fixed words of a document in the
// reader's language.
//
// Promise: the same value is written the same way in every document of a
// language: 1.234,56, %96,0 and 23 Kasım 2026 in Turkish, 1,234.56, 96.0% and
// 23 November 2026 in English. No suffix is ever put on a name or a number.
//
// Limits: Turkish and English. Money in lira, dollars and euros.
//
// Failure: none; an unknown locale reads English.
package lang
