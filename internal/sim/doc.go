// Package sim is the simulated world: the company's real stations on a seeded
// scheduler, in which everything they touch is made of dice.
//
// Promise: a seed is a whole history. The same seed takes the same steps and
// leaves the same journal, whatever the machine does meanwhile. Nothing in the
// stations knows of it: they run their own code against the ledger, the queue,
// the other company, the relay and the storage, each of which they reach through
// an interface; here each call is a point where the world may stop the process,
// let the effect happen or not, and say the truth about it or not.
//
//	dice ──► scheduler ──► one step of one thread ──► a point ──► what happens there
//	             ▲                                                  │
//	             └──────────────── clock moves on ◄─────────────────┘
//
// A world has a safety phase, in which things fail, and then a liveness phase,
// in which nothing does and everything must come to its end. What it leaves are
// logs; package check, which knows none of this code, judges them.
//
// Limits: the threads take turns, so a race inside one process between two
// points is not seen here (the race detector's matter), and neither is what lies
// below an interface: SQL, sockets, SMTP, PDF. The provider, the queue, the
// relay and the storage are models; the ledger is the memory twin or SQLite, and
// time is the world's own. Lanes, sweeps and heartbeats are the world's too: of
// the task runner only its Desk is real.
//
// Failure: a history that breaks a promise, or never comes to rest, is returned
// with its violations; the seed repeats it.
package sim
