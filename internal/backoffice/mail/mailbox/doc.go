// Package mailbox is the mail server of embedded mode: an SMTP server that
// delivers every mail to itself, and pages to read it.
//
// # Promise
//
// A mail answered with 250 lies on the disk (written, synced, renamed, the
// directory synced) and survives a kill. It is kept byte for byte as it came
// in. Mails are listed by order of arrival, which a restart does not change.
//
// # Limits
//
// Loopback only, for SMTP and for the pages: there is no login. One mail has
// at most 25 MB ([MaxMessage]); all of them together have a limit too, and a
// full mailbox says 452, so mail waits and nothing answered is thrown away.
// There is no deleting: remove the files while nothing runs. The index of
// headers is held in memory, about 1 KB for each mail.
//
// # Failure
//
// What cannot be stored is answered 451 or 452 and tried again by its sender.
// A file in the directory that cannot be read is logged at start and left
// alone. The pages answer problems in a sentence; the API in JSON.
//
// The pages are plain html/template rather than components: three static
// pages without a script do not need a generator.
package mailbox
