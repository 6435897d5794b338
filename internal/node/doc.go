// Package node wires the parts: it is the only one that meets everybody.
//
// Promise: what Start began, Stop ends, in the order intake, work, ledger. Two
// processes of the company never share a data directory, nor do two of the
// provider; a second one is told so in one sentence.
//
//	peyk up ── company: web trigger gateway reader trace, ledger, queue, blobs, mailbox
//	        └─ provider: app files engine store, a process of its own that lives
//	           while its stdin is open and is started again when it dies
//
// Limits: plain HTTP, on loopback or behind a proxy that has the TLS; the way to
// the provider is loopback only.
//
// Failure: a listener that is taken, a locked directory and a data directory
// nobody may write are one clear line each, before anything runs.
package node
