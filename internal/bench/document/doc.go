// Package document measures what documents cost to make: Peyk's own writers
// beside a headless Chromium that prints the same content, in the same run.
//
//	sample ─► render, sheet, gather      in a process of their own ─┐
//	   └────► HTML + SVG ─► Chromium     that runs already ─────────┴─► Figures
//
// Promise: a time is from the content to the bytes of the finished document,
// with everything loaded and warm on both sides. Both write the same texts, the
// same table, the same chart as vectors and the same typeface, embedded, on A4
// with numbered pages. They take turns, and the ratio is the median of the
// pairs. CPU time and memory are the kernel's own figures: of our process, and
// summed over all of Chromium's.
//
// Limits: Linux. What Chromium gets is in its favour: its HTML is written
// beforehand, it keeps one tab open, and makes no tags for screen readers. Its
// memory is the sum of the peaks of its processes, which share some pages. The
// database's own work is not counted.
//
// Failure: what cannot be made ends the measurement with an error. Where
// Chromium is not installed, Peyk is measured alone, and the figures say so.
package document
