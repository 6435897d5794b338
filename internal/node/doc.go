// Package node wires the parts: it is the only one that meets everybody.
//
// Promise: what Start began, Stop ends, in the order intake, work, stores. What
// only one process may hold (a directory, a SQLite ledger, the provider's store)
// is locked, and a second one is told so in one sentence.
//
//	peyk up ────── company: web trigger gateway reader trace, ledger, queue, blobs, mailbox
//	            └─ provider: app files engine store, a process of its own that lives
//	               while its stdin is open and is started again when it dies
//	peyk serve ─── any of these roles, and queue and mailbox alone; the rest elsewhere
//
// Limits: plain HTTP on loopback, or behind a proxy that has the TLS; elsewhere
// TLS 1.3. Roles of two companies never share a process.
//
// Failure: a listener that is taken, a setting that is missing, a locked
// directory and one nobody may write are one clear line each, before anything
// runs.
package node
