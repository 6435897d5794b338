// Package e2e walks the whole journey with real processes: the binary, its
// provider, its mailbox, as a stranger would start them.
//
// Promise: each story in testdata is one thing a person does or one way the
// world fails, readable from top to bottom; TestStories names its commands.
// What a script cannot say (load, kills at random moments, races, a relay that
// loses its reply, a disk that is full, a provider that forgets, an independent
// computation, a page's stream) is a Go test beside it.
//
// Limits: one machine, loopback, the embedded queue and ledger, Poppler's
// pdftotext and pdfinfo; Linux and root to fill a disk. The environment says
// more:
//
//	PEYK_BIN        the binary under test; without it one is built
//	PEYK_SEED       repeats the choices of a test that failed
//	PEYK_TORTURE    how often processes are killed, instead of 10 times; the
//	                other tests of faults then take their whole sample, and each
//	                test runs in both columns
//	PEYK_COLUMNS    both: each test runs in both columns, with its usual sample
//	PEYK_GAMES_DIR  a folder with sales.csv and reviews.csv to report on
//
// Failure: a failing test prints the seed, the journal of the request with the
// work that is owed, and the end of the server's log. Each wait has a limit.
package e2e
