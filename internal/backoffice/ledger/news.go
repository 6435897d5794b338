package ledger

import (
	"slices"

	"peyk/internal/report"
)

// News is a kind of what people are told, as they choose among it.
type News string

// The kinds of news, a closed set.
const (
	NewsReady  News = "ready"  // succeeded, empty or partial
	NewsEnded  News = "ended"  // failed, rejected, declined, expired, cancelled; a letter that did not arrive
	NewsLate   News = "late"   // takes longer than promised
	NewsAsking News = "asking" // approval is asked
)

// AllNews lists the whole set.
func AllNews() []News { return []News{NewsReady, NewsEnded, NewsLate, NewsAsking} }

// News says which kind a letter or notice is; one sent again is of the first one's.
func (s Subject) News() News {
	about, _ := s.Parse()
	switch about {
	case SubjectAsking:
		return NewsAsking
	case SubjectLate:
		return NewsLate
	case SubjectReady, Subject(report.OutcomeSucceeded), Subject(report.OutcomeEmpty), Subject(report.OutcomePartial):
		return NewsReady
	}
	return NewsEnded
}

// WantsMail reports whether the account wants letters about the subject.
func (a Account) WantsMail(s Subject) bool { return !slices.Contains(a.NoMail, s.News()) }

// WantsPopup reports whether notices about the subject may float over its pages.
func (a Account) WantsPopup(s Subject) bool { return !slices.Contains(a.NoPopup, s.News()) }
