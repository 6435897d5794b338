package ledger

import (
	"testing"

	"peyk/internal/report"
)

// Each subject is of one kind of news, and stays of it when somebody has its
// letter sent again.
func TestNewsOfSubjects(t *testing.T) {
	t.Parallel()
	for s, want := range map[Subject]News{
		SubjectAsking: NewsAsking, SubjectLate: NewsLate, SubjectReady: NewsReady, SubjectMail: NewsEnded,
		Subject(report.OutcomePartial): NewsReady, Subject(report.OutcomeFailed): NewsEnded, Subject(report.OutcomeDeclined): NewsEnded,
	} {
		for _, one := range []Subject{s, s.Again(1), s.Again(12)} {
			if got := one.News(); got != want {
				t.Errorf("%s is news of the kind %q, want %q", one, got, want)
			}
		}
	}
}
