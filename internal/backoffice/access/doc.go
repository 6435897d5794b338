// Package access knows the company's people, what each of them may do, and how
// they prove who they are.
//
// Promise: every rule about who may do what is one small function here, so that
// pages, API and command line cannot disagree. Somebody who left the company
// may nothing, by any way in. Secrets are never kept: of passwords an argon2id
// hash, of tokens and sessions a SHA-256 digest. A wrong name, a wrong password
// and the name of somebody who left get the same answer after the same work.
//
// Limits: the throttle counts in this process's memory, for a bounded number of
// names and addresses; a restart forgets it. At most four passwords are hashed
// at once (19 MiB each), the rest wait.
//
// Failure: ErrUnauthenticated (nobody we know), ErrForbidden (known, but not
// this), ErrWrong and *Throttled at the sign-in are matched with errors.Is and
// errors.As; any other error means that the ledger or the random source failed.
package access
