// Package e2e walks the whole journey with real processes: the binary, its
// provider, its mailbox, as a stranger would start them.
//
// Promise: each story in testdata is one thing a person does or one way the
// world fails, readable from top to bottom. What a script cannot say (load,
// kills at random moments, an independent computation) is a Go test beside it.
//
// Limits: one machine, loopback, the embedded queue and ledger. PEYK_BIN names
// the binary under test; without it one is built.
//
// Failure: a failing test prints the seed, the journal of the request and the
// end of the server's log.
package e2e
