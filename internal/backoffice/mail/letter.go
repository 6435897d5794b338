package mail

import (
	"fmt"
	"net/url"
	"regexp"
	"time"

	"peyk/internal/backoffice/mail/mailaddr"
	"peyk/internal/report"
)

// Kind says what a letter tells. Each outcome has its own kind, so that
// (guid, generation, kind, recipient) names a mail and its Message-ID.
type Kind string

// The kinds of letters.
const (
	Asking    Kind = "asking" // to an approver: please decide
	Late      Kind = "late"   // it takes longer than was promised
	Succeeded Kind = "succeeded"
	Empty     Kind = "empty"   // a report that found nothing to show
	Partial   Kind = "partial" // a report some source is missing from
	Rejected  Kind = "rejected"
	Failed    Kind = "failed"
	Declined  Kind = "declined"
	Expired   Kind = "expired"
	Cancelled Kind = "cancelled"
)

// Kinds lists every kind, in the order of the journey.
func Kinds() []Kind {
	return []Kind{Asking, Late, Succeeded, Empty, Partial, Rejected, Failed, Declined, Expired, Cancelled}
}

// Ready reports whether the letter brings a report.
func (k Kind) Ready() bool { return k == Succeeded || k == Empty || k == Partial }

// Person is somebody with a mail address. The name may hold any letters; the
// address is one addr-spec of RFC 5322 without display name.
type Person struct {
	Name    string
	Address string
}

// File is a file of the report together with the key its bytes lie under in
// our own storage.
type File struct {
	report.File
	Key string
}

// Letter is what a mail is about, in terms of the request. Times are shown in
// TimeZone. Texts come from people and other systems: anything may be in
// them, line breaks and markup included, and none of it reaches a header or
// the HTML as anything but text.
type Letter struct {
	Kind     Kind
	Locale   string         // "tr" or "en"; a region is ignored, anything else is English
	TimeZone *time.Location // nil: UTC

	From    Person
	ReplyTo Person // zero: answers go to From
	To      Person
	Host    string // right side of the Message-ID, a domain of ours

	GUID        string
	Generation  int
	Again       int    // 0: the first letter about this; n: the nth that a person asked to have sent again
	AgainBy     Person // who asked for that
	ReportTitle string
	Sentence    string // the parameters in words
	Finding     string // the result in words, may be empty
	Requester   Person // "you" in the letter when the address is that of To
	Link        string // absolute http(s) address of the request's page

	Files     []File
	KeptUntil time.Time // last day the report can be had; zero: not said

	PromisedBy time.Time // late: when it should have been there
	ExpectedBy time.Time // late: when it will be there; zero: unknown

	WhyAsked string    // asking: why this approver
	Estimate string    // asking: what it will cost, in words
	AnswerBy time.Time // asking, expired

	DecidedBy string    // approver of a ready or declined one, who cancelled; empty: nobody
	DecidedAt time.Time // zero: not said
	Reason    string    // requester's note (asking), approver's or canceller's reason

	FailureSentence string // rejected, failed: the cause in plain words, in the letter's language
}

// toRequester reports whether the reader of the letter asked for the report.
func (l Letter) toRequester() bool {
	return sameAddress(l.Requester.Address, l.To.Address)
}

func (l Letter) zone() *time.Location {
	if l.TimeZone == nil {
		return time.UTC
	}
	return l.TimeZone
}

var guidPattern = regexp.MustCompile(`^[0-9A-Za-z-]{8,64}$`)

// check refuses a letter that cannot become a message. What is checked here
// goes into headers or links as it is.
func (l Letter) check() error {
	switch {
	case !known(l.Kind):
		return unusable("kind %q is unknown", l.Kind)
	case !guidPattern.MatchString(l.GUID):
		return unusable("GUID %q is malformed", l.GUID)
	case !mailaddr.ValidDomain(l.Host):
		return unusable("Message-ID host %q is no domain name", l.Host)
	case l.Generation < 0 || l.Again < 0:
		return unusable("generation %d or repetition %d is negative", l.Generation, l.Again)
	}
	link, err := url.Parse(l.Link)
	if err != nil || link.Host == "" || (link.Scheme != "https" && link.Scheme != "http") {
		return unusable("link %q is no absolute http address", l.Link)
	}
	return nil
}

func known(k Kind) bool {
	for _, other := range Kinds() {
		if k == other {
			return true
		}
	}
	return false
}

func unusable(format string, args ...any) error {
	return &report.Error{
		Class:    report.Poison,
		Code:     "letter-unusable",
		Sentence: "The e-mail could not be written.",
		Cause:    fmt.Errorf("compose letter: "+format, args...),
	}
}
