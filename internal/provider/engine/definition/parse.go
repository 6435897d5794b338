package definition

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"time"

	"peyk/internal/provider/engine/query"
	"peyk/internal/report"
	"peyk/internal/strictyaml"
)

// Places are the names of what the sources of a report may lie in.
type Places struct {
	Databases []string
	Folders   []string
	Dialects  map[string]query.Dialect // of the databases; SQLite where it says nothing
}

// Parse reads a report file. The name is used in messages only. The error is
// strictyaml.Mistakes.
func Parse(file string, data []byte, places Places) (*Report, error) {
	doc := strictyaml.Parse(file, data)
	f := doc.Root.Fields("id", "title", "description", "group", "approval", "approval-reason", "personal-data", "fee", "typical",
		"parameters", "sources", "combine", "cache", "layout", "formats")
	sum := sha256.Sum256(doc.Root.Canonical())
	r := &Report{Version: hex.EncodeToString(sum[:])}
	r.ID = identifier(f.Need("id"), typeID, "name.v1: small letters, digits and dashes, then the version")
	r.Title = neededText(f.Need("title"))
	r.Description = text(f.Get("description"))
	r.Group = text(f.Get("group"))
	r.Approval = approval(f.Get("approval"))
	r.ApprovalReason = text(f.Get("approval-reason"))
	r.PersonalData, r.Fee = said(f.Get("personal-data")), said(f.Get("fee"))
	r.Typical = duration(f.Get("typical"))
	r.Cache = duration(f.Get("cache"))
	r.Parameters = parameters(f.Get("parameters"), places)
	r.Sources = sources(f.Need("sources"), r.Parameters, places)
	r.Combine = sqlOf(f.Need("combine"), r.Parameters)
	r.layout(f.Need("layout"))
	r.Formats = formats(f.Need("formats"))
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return r, nil
}

// What names look like. Those that become names in SQL are kept to what needs
// no quoting and is written one way.
var (
	typeID   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*\.v[1-9][0-9]{0,3}$`)
	plain    = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
	roleName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)
)

func identifier(n strictyaml.Node, shape *regexp.Regexp, like string) string {
	s := n.Text()
	if s != "" && !shape.MatchString(s) || len(s) > 100 {
		n.Fail("%q is not of the form %s", s, like)
	}
	return s
}

// text in both languages; one may be missing.
func text(n strictyaml.Node) report.Text {
	f := n.Fields("en", "tr")
	return report.Text{EN: f.Get("en").Text(), TR: f.Get("tr").Text()}
}

// neededText is text with at least one language.
func neededText(n strictyaml.Node) report.Text {
	t := text(n)
	if n.Present() && t == (report.Text{}) {
		n.Fail("a text is needed in at least one language: {en: …, tr: …}")
	}
	return t
}

func approval(n strictyaml.Node) string {
	if !n.Present() {
		return report.NoApproval
	}
	return identifier(n, roleName, "none, or the name of a role")
}

// said is yes, no, or nil where the file says nothing.
func said(n strictyaml.Node) *bool {
	if !n.Present() {
		return nil
	}
	b := n.Bool()
	return &b
}

func duration(n strictyaml.Node) time.Duration {
	s := n.Text()
	if s == "" {
		return 0
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 || d > 24*time.Hour {
		n.Fail("%q is not a duration like 90s or 5m, of at most 24h", s)
	}
	return d
}

// The formats a report comes in.
const (
	PDF  = "pdf"
	XLSX = "xlsx"
	CSV  = "csv"
)

func formats(n strictyaml.Node) []string {
	var all []string
	for _, item := range n.Items() {
		format := item.OneOf(PDF, XLSX, CSV)
		if slices.Contains(all, format) {
			item.Fail("%q is here twice", format)
		}
		all = append(all, format)
	}
	if n.Present() && len(all) == 0 {
		n.Fail("at least one format is needed: [pdf], of pdf, xlsx and csv")
	}
	return all
}
