// Package check is the independent checker of the reliability promises I1 to
// I12. It reads what a world left behind: the company's journal, the provider's
// log, the log of the mail relay, what people asked and were answered, and the
// keys of the bytes that lie in storage at the end.
//
// Promise: it shares no code with what it checks. States, owners, deadlines and
// bounds are written down here a second time, from the words of the design. It
// is sound: a correct company is never accused, whatever was made to fail and
// however the provider lied. Where the logs leave two readings open, the kinder
// one counts.
//
//	I1  ends      every request that was answered 202, or recorded, has ended
//	I2  bytes     one result per generation, and its bytes never change
//	I3  bytes     what we keep, mail and serve was published for that generation
//	I4  copies    the provider's copy is deleted only when nobody needs it
//	I5  copies    an ended request leaves no copy there, or says so
//	I6  told      everybody concerned is told, by bell and letter, once
//	I7  letters   SENDING is committed only while the letter is true
//	I8  moves     legal moves, version and sequence without a gap
//	I9  access    nobody reads, decides or receives what is not theirs
//	I10 bounds    generations, refetches, refusals, deadlines, storage
//	I11 moves     only the owning role moves a request
//	I12 promise   a missed promise is shown, and so is a letter's bad end
//
// What it takes for granted: the logs end long enough after Calm for work that
// was parked to be done. A call's At is not after the moment its answer was
// decided, and somebody's GoneAt is not before the commit that made them leave.
// Times are
// whole microseconds, as the journal keeps them; rows of one commit share their
// time, and no two other things do.
// A provider that gives two results for one generation has to be logged as
// serving other bytes (Served), not as publishing twice. If it forgot the
// request, or removed its copy, and the very same POST made a new operation, a
// second result is nobody's fault and I2 begins anew. A DELETE it only pretends
// to obey is not Deleted; I5 then asks for the copy to be hunted down, or left
// behind with a word about it.
//
// Limits: it knows what was logged, not what was meant: whether a document's
// gate passed, or whether a message says the right words, it cannot see. A
// fact about a letter names no generation; where letters of several generations
// to one person overlap, only what holds for all of them is demanded. A request
// of which it is unknown who asked (no 202, several different forms) is checked
// without its people.
//
// Failure: a broken promise is a Violation with the number of its invariant and
// the request's GUID. Check never panics on odd logs: what is missing is either
// demanded by a rule or not looked at.
package check
