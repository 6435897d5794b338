package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/postgres"
	"peyk/internal/report"
	"peyk/internal/sim/check"
)

// judge gives what the checker finds. When which promise was made is left to the
// simulation: here the commits it follows from overlap.
func (c *crowd) judge(calm time.Time) (found []check.Violation) {
	c.t.Helper()
	logs := check.Logs{Provider: c.border.seen(), Clients: c.calls, People: people(), Storage: c.storage(), Calm: calm}
	logs.Mail = c.mail()
	l, err := postgres.Open(c.t.Context(), postgres.Config{URL: c.url})
	if err != nil {
		c.t.Fatal(err)
	}
	defer l.Close()
	err = l.View(c.t.Context(), func(v ledger.View) error {
		for _, guid := range c.guids {
			rows, err := v.Journal(guid)
			if err != nil {
				return err
			}
			for _, e := range rows {
				logs.Journal = append(logs.Journal, entryOf(e))
			}
		}
		notices, err := v.Notices("derya", 0, 1<<20)
		for _, n := range notices {
			logs.Clients = append(logs.Clients, check.Client{
				At: time.Now().UTC(), Who: "derya", Op: check.Bell, GUID: n.GUID, Status: http.StatusOK, Generation: n.Generation, Subject: string(n.Subject),
			})
		}
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	logs.End = time.Now().UTC()
	return slices.DeleteFunc(check.Check(logs), func(v check.Violation) bool { return v.Invariant == 12 })
}

func entryOf(e report.Entry) check.Entry {
	return check.Entry{
		GUID: e.GUID, Seq: e.Seq, At: e.At, Role: string(e.Role), Kind: string(e.Kind), Name: e.Name, From: string(e.From), To: string(e.To),
		Step: int(e.Step), Version: e.Version, Generation: e.Generation, Evidence: e.Evidence,
	}
}

// people of the sample company.
func people() []check.Person {
	return []check.Person{
		{Name: "derya", Email: "derya@kule.example", Roles: []string{"requester"}},
		{Name: "murat", Email: "murat@kule.example", Roles: []string{"requester", "approver"}},
		{Name: "cagri", Email: "cagri@kule.example", Roles: []string{"operator", "admin"}},
	}
}

// mail is what the mailbox took.
func (c *crowd) mail() (all []check.Mail) {
	c.t.Helper()
	var list struct {
		Messages []struct {
			ID         string
			To         []string
			MessageID  string    `json:"message_id"`
			ReceivedAt time.Time `json:"received_at"`
		}
	}
	if err := json.Unmarshal(c.i.get("/api/messages"), &list); err != nil {
		c.t.Fatal(err)
	}
	for _, m := range list.Messages {
		sum := sha256.Sum256(c.i.get("/api/messages/" + m.ID + "/raw"))
		all = append(all, check.Mail{
			At: m.ReceivedAt.UTC(), MessageID: m.MessageID, To: m.To[0], SHA256: hex.EncodeToString(sum[:]), Code: 250, Taken: true,
		})
	}
	return all
}

// storage lists the keys of what lies in the company's storage.
func (c *crowd) storage() (keys []string) {
	c.t.Helper()
	root := filepath.Join(c.i.dir, "company", "blobs", "blobs")
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			keys = append(keys, strings.TrimPrefix(path, root+"/"))
		}
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return keys
}
