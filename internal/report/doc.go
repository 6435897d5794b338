// Package report is the noun everything else is about: one request for a
// report, the states it can be in, who may move it where, and what is said of
// it when it ends.
//
// Promise: a Request changes only by the methods of this package, and each of
// them refuses what the state table does not allow, so no caller can make an
// illegal move by accident. A move raises Version by exactly one; nothing else
// does.
//
//	            approve                lease of SUBMIT         202
//	AWAITING_APPROVAL ──► ACCEPTED ──► SUBMITTING ──► PREPARING ──► READY ──► STORED ──► DELIVERED
//	  │ decline │ expire     ▲  │ ▲        ▲  │          │  │ GET: ready │ ▲      │
//	  ▼         ▼            │  │ └─redrive │  └─REJECTED─┘  └────────────┘ └──────┘
//	DECLINED  EXPIRED        │  └─FAILED ───┘ next generation     gone      damaged
//	                     (CANCELLED from every state before the first STORED)
//
// Limits: it knows nothing of time but what it is told, nothing of storage and
// nothing of the other company. It imports only the standard library.
//
// Failure: a refused move is a *Refusal and leaves the request as it was.
package report
