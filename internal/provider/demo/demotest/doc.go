// Package demotest computes what the reports must say, by another way: plain
// loops over rows, no SQL beyond reading a whole table, no code shared with the
// engine.
//
// Promise: where a report and this package agree over many parameters, a
// mistake would have to be made twice, in two languages, alike.
//
// Limits: for tests only; it reads everything into memory, slowly. The rules
// are those the report files state in their head comments, and are not
// repeated here.
//
// Failure: errors name the file. There is no partial answer.
package demotest
