// Package render sets a report as a PDF: A4, the company's name, a title, the
// request in words, who asked and when, one table with its totals, the sources
// it was made of, and on every page the report's number.
//
// Promise: the same Document gives the same bytes. Every row and every letter
// of it is in the PDF: a long cell is wrapped, a row longer than a page goes on
// on the next one, a wide table is set smaller and at last across the page.
// Texts that come from outside are only ever drawn, never read as markup.
//
// Limits: the letters of package inter; any other character is drawn as □. The
// document is built in memory, about 2.5 KB for a row of six columns.
//
// Failure: PDF fails only where the PDF writer does, which is a bug.
package render
