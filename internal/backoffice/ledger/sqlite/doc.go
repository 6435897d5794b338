// Package sqlite keeps the ledger in one SQLite file, for a company that runs
// in one process.
//
// Promise: what Update answered with nil is in the file and synced (WAL,
// synchronous FULL): it survives the loss of power. The changes of callers who
// come together share one commit and one sync; each has a savepoint of its
// own, so one refused change leaves its neighbours whole. Who comes alone
// waits for nobody.
//
//	Update ──► waiting ──► committer: BEGIN IMMEDIATE
//	Update ──►   "                    SAVEPOINT, fn, RELEASE   (or ROLLBACK TO)
//	Update ──►   "                    SAVEPOINT, fn, RELEASE   …
//	   ▲                              COMMIT, one sync
//	   └───────── answer ─────────────┘
//
// Readings run beside it on connections of their own that cannot write, each
// on the state of one moment.
//
// Limits: one process at a time, held by a lock on the file beside the
// database; a local disk, for WAL needs shared memory. A fn must not call
// Update, for it runs on the committer. View is for short readings: the WAL
// grows while they last, and from 64 MiB on commits wait for them, up to a
// second.
//
// Failure: a second process gets ErrLocked, with what to do about it. When a
// commit fails, every change in it gets the error and none was kept; the next
// commit begins on a new connection, and only after that one has proved that
// it can write. A panic in fn is its caller's alone.
package sqlite
