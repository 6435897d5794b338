// Package power is a disk in memory that can lose its power, and what lets the
// ledger and the blob store run on it.
//
// Promise: the disk forgets what POSIX lets it forget. Bytes are durable once
// their file was synced, names once their directory was. Of all else a cut keeps
// what chance says, the same for the same seed:
//
//	write, truncate ──► unsynced ──sync──► durable
//	create, mkdir,         │
//	rename, remove         └──cut──► kept, torn at sectors of 512 bytes, or lost
//
// A write may outlive an earlier one and bytes their file's name, or the other
// way round; of a write that was lost the file's new length may stay, filled
// with zeros or with what lay there before. A rename is never seen half: its file
// has the old name, the new one or, until both directories are synced, both.
// Whoever held a file before the cut holds nothing after it.
//
// Limits: what was synced is never lost, and a write never damages bytes beside
// those it writes (powersafe overwrite, as SQLite assumes of every disk). Of two
// unsynced writes to one sector an older never replaces a newer; the newer may
// be the one that is lost. Times of files survive as they were. No links, no
// rights, no full disk. SQLite's shared memory is a file of the real system, for
// the driver wants one; it is gone after a cut, as memory is.
//
// Failure: once the power is off everything on the disk fails with ErrOff, and so
// does what was under way. Other errors are those of io/fs.
package power
