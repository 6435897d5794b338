package mail

// Row is a mail as the ledger keeps it, committed before any SMTP. It is
// plain data: it survives JSON unchanged, and a later version of this package
// assembles the same bytes from it.
type Row struct {
	From string `json:"from"` // envelope sender, as in MAIL FROM
	To   string `json:"to"`   // envelope recipient, as in RCPT TO

	MessageID   string       `json:"message_id"` // with the angle brackets
	Subject     string       `json:"subject"`    // as people read it, for lists; the wire form is in Header
	Header      []Field      `json:"header"`     // all fields but the outermost Content-Type
	Mixed       string       `json:"mixed,omitempty"`
	Alternative string       `json:"alternative"` // boundaries; Mixed only with attachments
	Text        string       `json:"text"`
	HTML        string       `json:"html"`
	Attachments []Attachment `json:"attachments,omitempty"`

	Size   int64  `json:"size"`   // bytes of the assembled message
	SHA256 string `json:"sha256"` // of the assembled message, lower-case hex
}

// Attachment is one attached file: where its bytes lie and what they were
// when the row was made.
type Attachment struct {
	Key    string  `json:"key"`
	Name   string  `json:"name"` // as the reader sees it
	Size   int64   `json:"size"` // bytes before encoding
	SHA256 string  `json:"sha256"`
	Header []Field `json:"header"`
}
