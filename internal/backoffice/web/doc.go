// Package web is the station people meet: the pages.
//
// Promise: it writes nothing but sign-ins. Every act of a person is a call of
// the trigger's API in that person's name; every reading goes through the
// ledger's scope for that person, so a report that is somebody else's is not
// found, exactly as one that does not exist. A page is drawn whole in memory
// before its status is sent. GET changes nothing. What was typed survives a
// mistake, a trigger that is down and a second press: the form keeps its GUID.
//
//	browser ──form──► web ──POST, in the person's name──► trigger ──► ledger
//	   ▲               │                                                │
//	   └──pages, SSE───┴───────────── reads, in the person's scope ◄────┘
//
// Where what is: routes.go has every address and who may use it, adapt.go the way
// of a request through it, frame.go what is around each page; then a file for
// each page (ask, reports, one, decide, bell, operations, profile), with what it
// alone needs beside it: summary and approver for asking, find for searching,
// journey, evidence and letters for one report, facts and decisions for
// deciding, watch, attention, throughput and inspect for operations, doors for the
// profile. live, turn, follow, guard and events are the live pages. How a page
// looks is in page/, its words in words/, its style and scripts in asset/.
//
// Live pages: one stream of events per browser says "look now" (changed) or
// brings a popup (notice). The station reads once for all streams: whom an event
// concerns, and every two seconds what no event told; notices resume by
// Last-Event-ID. While nobody has a page open it reads nothing.
//
// Limits: a list shows fifty reports at a time, an inbox a thousand requests;
// forms up to 64 KiB; a person 64 streams; idle sign-ins end after 30 minutes, all
// after 12 hours. A page that reloads itself keeps nobody signed in.
//
// Failure: with the trigger down pages still show everything, and acts say that
// they were not done. With the ledger down every page is a 500 with a sentence.
// Errors are logged once, where they are answered.
package web

//go:generate go run github.com/a-h/templ/cmd/templ@v0.3.1001 generate
