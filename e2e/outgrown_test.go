package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"peyk/internal/report"
)

// TestOutgrown is a company that outgrew one process: its ledger is copied to
// PostgreSQL, and its roles go on apart where the one process stopped.
func TestOutgrown(t *testing.T) {
	t.Parallel()
	before := start(t)
	done := before.request(t.Context(), "tiny.v1", nil)
	before.delivered(done)
	waiting := before.request(t.Context(), "customer-contacts.v1", nil)
	before.until(waiting, string(report.AwaitingApproval))
	from, to := filepath.Join(before.dir, "company", "ledger.db"), newDatabase(t)
	if out, err := command(t, "ledger", "copy", "--from", from, "--to", to); err == nil || !strings.Contains(out, "the ledger is in use") {
		t.Errorf("a ledger at work was copied: %v\n%s", err, out)
	}
	before.down()
	if out, err := command(t, "ledger", "copy", "--from", from, "--to", to); err != nil || !strings.Contains(out, "journal") {
		t.Fatalf("copy: %v\n%s", err, out)
	}
	if out, err := command(t, "ledger", "copy", "--from", from, "--to", to); err == nil || !strings.Contains(out, "not empty") {
		t.Errorf("it was copied over what was there: %v\n%s", err, out)
	}

	after := newInstance(t, func(i *instance) world {
		f := newFleet(i, 1)
		f.database = to
		return f
	}, before.dir)
	t.Cleanup(after.end)
	after.up()
	if st := after.status(done); st.State != report.Delivered {
		t.Errorf("what was delivered is %s now\n%s", st.State, journal(st))
	}
	if _, err := command(t, "request", "tiny.v1", "--guid", done, "--data", after.dir, "--wait", "-o", filepath.Join(t.TempDir(), "tiny.pdf")); err != nil {
		t.Errorf("it cannot be had any more: %v", err)
	}
	if out, err := command(t, "approve", waiting, "--data", after.dir, "--as", "murat"); err != nil {
		t.Fatalf("approve: %v\n%s", err, out)
	}
	st := after.delivered(waiting)
	checkLegal(t, st)
}

// command runs the binary under test to its end.
func command(t *testing.T, args ...string) (string, error) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), os.Getenv("PEYK_BIN"), args...).CombinedOutput()
	return string(out), err
}
