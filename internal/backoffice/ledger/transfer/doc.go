// Package transfer carries a ledger from SQLite to PostgreSQL.
//
// Promise: the target holds every row of the source, or stays as empty as it was.
// All is copied in one transaction and read back before its commit: number and
// SHA-256 of the rows of each table must be the same on both sides. The source is
// locked meanwhile, so nothing changes it. Fences, the numbers of notices and the
// like go on above the highest given.
//
//	lock source ─► target empty? ─► COPY each table ─► read both again ─► COMMIT
//	                                                        └─ a difference ─► ROLLBACK
//
// Limits: the roles of the company must be stopped, and stay so until they are
// told of the new ledger. Documents lie elsewhere and are not carried. Text that
// PostgreSQL cannot hold, NUL and broken UTF-8, is copied with U+FFFD in its
// place, as if it had been written there; both sides are compared so.
//
// Failure: ErrNotEmpty and ErrDiffers; a source in use is sqlite.ErrLocked. In
// each case, and in any other but a connection lost during the commit, the
// target is empty and the source as it was.
package transfer
