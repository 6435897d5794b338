// Package mail composes Peyk's letters and hands them to an SMTP relay.
//
// # Promise
//
// A letter becomes a [Row] before any SMTP happens. The row holds everything
// the message is made of (header fields in wire form, texts, boundaries, the
// name, key and digest of each attachment) and the SHA-256 of the whole; so
// [Assemble] gives the same bytes each time, today, after a restart and in the
// next version with other wording, or it gives an error. A second sending is
// therefore the identical message, under the identical Message-ID.
//
// [Sender.Send] holds one SMTP dialogue and tells apart what matters: sent,
// not now (Transient, Throttled), never (Permanent), and nobody knows
// (Unknown: the connection was lost after the final dot). The caller's last
// word is asked for between RCPT and DATA.
//
// # Limits
//
// One recipient per letter. Turkish and English. Files are attached while
// their encoded size is at most [MaxAttached], and the letter always carries
// the link. A whole message is held in memory while it is sent. Local parts
// of addresses are ASCII (RFC 5321); domains may be international.
//
// The package keeps no state of a mail: rows, leases and second sendings
// belong to the station that calls it.
//
// # Failure
//
// Every failure a caller can act on is a *report.Error. Bytes that no longer
// match their digest are Permanent with the code "bytes-damaged", and nothing
// of them is sent.
//
// # Why the message is not built by go-mail
//
// go-mail's message builder reuses one fixed boundary for both multipart
// levels, adds its own version to each message and writes file names in
// RFC 2047 form only; its bytes would change with its version. The standard
// library's quoted-printable and base64 writers are stable, so the message is
// assembled from those. go-mail's SMTP client holds the dialogue: it exposes
// the text connection, which lets the body be flushed before the final dot,
// and that flush is what separates "not sent" from "unknown".
package mail
