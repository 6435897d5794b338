package mail

import (
	"strings"
	"time"
)

// content is a letter in words, the same for the text and the HTML part.
type content struct {
	Lang    string
	Subject string
	Heading string
	Lead    []span // the sentence that says it
	Files   string // whether the files are attached
	Rows    []fact
	Next    string // what the reader can do
	Action  string // words on the button
	Open    string // the same before the address in the text part
	Link    string
	Again   string // who asked for it again
	Sent    string // footer
	Ask     string
	GUID    string
}

// span is a stretch of a sentence; the strong one is the report's title.
type span struct {
	Text   string
	Strong bool
}

// fact is one line of the table of facts.
type fact struct {
	Label string
	Lines []string
}

// The marks that fence the title inside a sentence until it is split into
// spans. clean keeps control characters out of every text, so only ours are
// there.
const markOpen, markClose = "\x02", "\x03"

// compose puts a letter into words.
func (w *words) compose(l Letter, attached bool) content {
	title, kind := clean(l.ReportTitle), string(l.Kind)
	with := args{"To": clean(l.To.Name), "Own": l.toRequester(), "Requester": l.Requester.called(), "Title": title}
	c := content{
		Lang:    w.tag.String(),
		Subject: w.say(kind+".subject", with),
		Heading: w.say(kind+".heading", with),
		Action:  w.say(kind+".action", nil),
		Open:    w.say(kind+".open", nil),
		Link:    l.Link,
		Again:   w.again(l),
		Sent:    w.say("footer.sent", args{"Answered": l.ReplyTo != Person{}}),
		Ask:     w.say("footer.ask", nil),
		GUID:    l.GUID,
		Rows:    w.rows(l),
	}
	with["Title"] = markOpen + title + markClose
	c.Lead = spans(w.say(kind+".lead", with))
	if l.Kind != Succeeded { // a report that is simply there needs no advice
		c.Next = w.say(kind+".next", nil)
	}
	if l.Kind.Ready() && len(l.Files) > 0 {
		c.Files = w.filesSentence(l.Files, attached)
	}
	return c
}

// again says who wanted the letter once more; "" for one that goes by itself.
func (w *words) again(l Letter) string {
	if l.Again == 0 {
		return ""
	}
	return w.say("footer.again", args{"Own": sameAddress(l.AgainBy.Address, l.To.Address), "Name": l.AgainBy.called()})
}

// called is the person's name, or the address if there is none.
func (p Person) called() string {
	if name := clean(p.Name); name != "" {
		return name
	}
	return clean(p.Address)
}

// spans splits a sentence at the marks.
func spans(s string) []span {
	before, rest, _ := strings.Cut(s, markOpen)
	title, after, _ := strings.Cut(rest, markClose)
	return []span{{Text: before}, {Text: title, Strong: true}, {Text: after}}
}

// layout names the rows of each kind, in the order shown; a row with
// nothing to say is left out.
func layout(k Kind) []string {
	switch k {
	case Asking:
		return []string{"scope", "requester", "note", "why", "estimate", "answer"}
	case Succeeded, Empty, Partial:
		return []string{"scope", "finding", "files", "kept", "approver"}
	case Late:
		return []string{"scope", "promised", "expected"}
	case Rejected, Failed:
		return []string{"scope", "cause"}
	case Declined:
		return []string{"scope", "decider", "reason"}
	case Expired:
		return []string{"scope", "answer"}
	default:
		return []string{"scope", "canceller", "cancelreason"}
	}
}

func (w *words) rows(l Letter) []fact {
	var rows []fact
	for _, id := range layout(l.Kind) {
		if lines := w.lines(id, l); len(lines) > 0 {
			rows = append(rows, fact{Label: w.say("row."+id, nil), Lines: lines})
		}
	}
	return rows
}

func (w *words) lines(id string, l Letter) []string {
	switch id {
	case "scope":
		return paragraphs(l.Sentence)
	case "finding":
		return paragraphs(l.Finding)
	case "files":
		return w.fileLines(l.Files)
	case "kept":
		return w.when(l.KeptUntil, func(t time.Time) string { return w.say("until", args{"Date": w.date(t)}) })
	case "requester":
		return paragraphs(l.Requester.called())
	case "approver", "decider", "canceller":
		return w.decider(l)
	case "note", "reason", "cancelreason":
		return paragraphs(l.Reason)
	case "why":
		return paragraphs(l.WhyAsked)
	case "estimate":
		return paragraphs(l.Estimate)
	case "promised":
		return w.when(l.PromisedBy, w.moment)
	case "expected":
		return w.when(l.ExpectedBy, w.moment)
	case "answer":
		return w.when(l.AnswerBy, w.moment)
	default:
		return paragraphs(l.FailureSentence)
	}
}

// when says a time, or nothing for the zero time.
func (w *words) when(t time.Time, say func(time.Time) string) []string {
	if t.IsZero() {
		return nil
	}
	return []string{say(t)}
}

func (w *words) decider(l Letter) []string {
	name := clean(l.DecidedBy)
	if name == "" {
		return nil
	}
	if l.DecidedAt.IsZero() {
		return []string{name}
	}
	return []string{name + ", " + w.moment(l.DecidedAt)}
}

// fileLines says of each file what it is: "PDF, 2 sayfa, 140 satır, 412 KB".
func (w *words) fileLines(files []File) []string {
	lines := make([]string, len(files))
	for i, f := range files {
		parts := []string{w.format(f)}
		if f.Pages > 0 {
			parts = append(parts, w.count("pages", int64(f.Pages), nil))
		}
		parts = append(parts, w.count("rows", int64(f.Rows), nil), w.size(f.Size))
		lines[i] = strings.Join(parts, ", ")
	}
	return lines
}

func (w *words) filesSentence(files []File, attached bool) string {
	if !attached {
		return w.count("linked", int64(len(files)), nil)
	}
	var formats []string
	seen := map[string]int{}
	for _, f := range files {
		format := w.format(f)
		if seen[format]++; seen[format] == 1 {
			formats = append(formats, format)
		}
	}
	return w.count("attached", int64(len(files)), args{"Formats": w.list(formats)})
}

// format names a file's format as people call it.
func (w *words) format(f File) string {
	switch safeMediaType(f.MediaType) {
	case "application/pdf":
		return "PDF"
	case "text/csv":
		return "CSV"
	case "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
		return "Excel"
	default:
		return w.say("format.file", nil)
	}
}

// leadText is the lead of the text part, the title in quotation marks.
func (w *words) leadText(c content) string {
	var b strings.Builder
	for _, s := range c.Lead {
		if s.Strong {
			s.Text = w.say("quote", args{"Text": s.Text})
		}
		b.WriteString(s.Text)
	}
	return b.String()
}
