package gateway_test

import (
	"fmt"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// TestADigestIsComparedToItsLastDigit declares digests that differ from the one
// of the bytes in a single digit.
func TestADigestIsComparedToItsLastDigit(t *testing.T) {
	for _, at := range []int{0, 7, 31, 32, 62, 63} {
		t.Run(fmt.Sprint("digit ", at), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.operation = func() (protocol.Operation, error) {
					o := w.says(protocol.Ready)
					o.Results[0].SHA256 = withAnotherDigit(declared().SHA256, at)
					return o, nil
				}
				w.after(ledger.FirstPoll + time.Minute)
				w.refused(report.Failed, "digest-mismatch", 3)
			})
		})
	}
}

// withAnotherDigit changes the hexadecimal digit at a place.
func withAnotherDigit(digest string, at int) string {
	digit := "0"
	if digest[at] == '0' {
		digit = "1"
	}
	return digest[:at] + digit + digest[at+1:]
}
