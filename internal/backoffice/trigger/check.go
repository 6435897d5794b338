package trigger

import (
	"encoding/json"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// Checked is the body of POST /requests/check: the request as it would be
// recorded, and in words.
type Checked struct {
	Sentence report.Text       `json:"sentence"`
	Parts    map[string][]Part `json:"parts"` // the sentence by language, its values apart
	Short    report.Text       `json:"short"`

	Parameters      json.RawMessage `json:"parameters"` // presets are dates
	Approval        string          `json:"approval"`
	ExpectedSeconds int             `json:"expected_seconds"` // from the approval, if there is one; nearly all of its kind were ready by then
}

// check goes through all that submit goes through before it records, and
// records nothing. Whether the GUID is still free only submit can know.
func (s *Station) check(c call) (answer, error) {
	var in asked
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	if err := checkShape(in); err != nil {
		return answer{}, err
	}
	var out Checked
	err := s.Store.View(c.Context(), func(v ledger.View) error {
		what, how, err := s.resolveWith(v, c.who, in)
		if err != nil {
			return err
		}
		expected, err := expectedTime(v, what.Type)
		out = Checked{
			Sentence: what.Sentence, Short: what.Short, Parameters: what.Parameters, Approval: what.Approval,
			Parts:           map[string][]Part{"en": sentence(how.kind, how.values, "en"), "tr": sentence(how.kind, how.values, "tr")},
			ExpectedSeconds: int(expected.Round(time.Second) / time.Second),
		}
		return err
	})
	if err != nil {
		return answer{}, err
	}
	return ok(out)
}
