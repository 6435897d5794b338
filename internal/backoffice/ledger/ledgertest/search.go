package ledgertest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

func searches() []check {
	return []check{
		{"words are found by how they begin, in both languages, with and without accents", words},
		{"a GUID is found by how it begins", guids},
		{"whoever receives a request finds it in the state it is in, until they are gone", receives},
		{"a search that would look at too much says where it stopped", stops},
	}
}

func wide() ledger.Filter { return ledger.Filter{Scope: ledger.Scope{All: true}} }

// find gives the GUIDs of all hits, going on where a search stopped.
func find(w *world, f ledger.Filter, typed string) (out []string, rounds int) {
	w.Helper()
	for limit := max(f.Limit, 1); ; rounds++ {
		found := read(w, func(v ledger.View) (ledger.Found, error) { return v.Search(f, typed) })
		for _, r := range found.Requests {
			out = append(out, r.GUID)
		}
		if len(found.Requests) > 0 && found.Rest > out[len(out)-1] || f.Limit > 0 && len(found.Requests) > limit {
			w.Fatalf("search %q %+v: rest %q after %v", typed, f, found.Rest, out)
		}
		if found.Rest == "" {
			return out, rounds
		}
		if f.Before != "" && found.Rest >= f.Before {
			w.Fatalf("search %q %+v goes no further than %s", typed, f, found.Rest)
		}
		f.Before = found.Rest
	}
}

func words(w *world) {
	w.bare(1, func(r *report.Request) {
		r.Asked.Title = report.Text{TR: "Isıtma giderleri – İstanbul şubesi", EN: "Heating costs"}
		r.Asked.Sentence = report.Text{TR: "2025, ilk 50 mağaza", EN: "2025, first 50 shops"}
		r.Asked.OwnerName = "Çağrı Özgür"
	})
	w.bare(2)
	for typed, want := range map[string]bool{
		"istanbul": true, "İSTANBUL": true, "ıstanbul": true, "Istanbul": true, "ısı": true, "isi": true, "ISITMA": true,
		"sube": true, "ŞUBE": true, "şubesi": true, "heating": true, "HEAT cos": true, "2025 ilk": true, "mağ 50 çağrı": true,
		"ozg cagri isit": true, "first shops": true, "5 mag": true, "is": true, "“İlk”,": true,
		"stanbul": false, "subesine": false, "heating games": false, "2024": false, "51": false, "tanbul": false,
		"": false, "i": false, "5": false, "–": false, "50 7": false, "=": false, "%": false, "_s": false, "'": false,
	} {
		got, _ := find(w, wide(), typed)
		if slices.Contains(got, guid(1)) != want || slices.Contains(got, guid(2)) {
			w.Errorf("%q finds %v; the first: %t", typed, got, want)
		}
	}
	w.refused(errNo, func(tx ledger.Tx) error {
		r := &report.Request{GUID: guid(3), Version: 1, State: report.Accepted, Asked: asked()}
		r.Asked.Title = report.Text{TR: "Geri alınan"}
		return errors.Join(tx.Insert(r), errNo)
	})
	w.bare(4, func(r *report.Request) { r.Asked.Title = report.Text{TR: "Geri alınan"} })
	got, _ := find(w, wide(), "geri al")
	same(w, "after what was undone", got, []string{guid(4)})
}

func guids(w *world) {
	for n := range 3 {
		w.bare(n, func(r *report.Request) { r.Asked.Sentence = report.Text{TR: fmt.Sprintf("0198 bin, %d", n)} })
	}
	w.bare(3, func(r *report.Request) { r.Asked.Sentence = report.Text{TR: "beef"} })
	w.update(func(tx ledger.Tx) error {
		return tx.Insert(&report.Request{GUID: "beefa2a4-5b1c-7def-8a01-000000000009", Version: 1, State: report.Accepted, Asked: asked()})
	})
	for typed, want := range map[string][]string{
		guid(2):                        {guid(2)},
		strings.ToUpper(guid(2)):       {guid(2)},
		guid(2)[:35]:                   {guid(3), guid(2), guid(1), guid(0)},
		guid(2)[:9] + " bin":           {guid(2), guid(1), guid(0)},
		"0198 1":                       {guid(1)},
		"beef":                         {"beefa2a4-5b1c-7def-8a01-000000000009", guid(3)},
		"beefa":                        {"beefa2a4-5b1c-7def-8a01-000000000009"},
		"beefa2a4-5b1c-8":              nil,
		guid(2) + "0":                  nil,
		"0198f2a4-5b1c 0198f2a4-5b1c-": {guid(3), guid(2), guid(1), guid(0)},
	} {
		got, _ := find(w, wide(), typed)
		same(w, "found by "+typed, got, want)
	}
}

func receives(w *world) {
	put := func(n int, account string, gone bool) {
		c := ledger.Recipient{GUID: guid(n), Account: account}
		if gone {
			c.GoneAt = w.now()
		}
		w.update(func(tx ledger.Tx) error { return tx.PutRecipient(c) })
	}
	put(1, "ümit", false) // before there is a request
	put(1, owner, false)
	r := w.bare(1)
	w.bare(2)
	put(2, "ümit", false)
	shown := func(account string, s report.State) (out []string) {
		f := ledger.Filter{Scope: ledger.Scope{Account: account}, States: []report.State{s}}
		for _, r := range read(w, func(v ledger.View) ([]*report.Request, error) { return v.Requests(f) }) {
			out = append(out, r.GUID)
		}
		found, _ := find(w, f, "oyunlar")
		counts := read(w, func(v ledger.View) (map[report.State]int, error) { return v.Counts(f) })
		if !slices.Equal(found, out) || counts[s] != len(out) || len(counts) > 1 {
			w.Errorf("%s, %s: listed %v, found %v, counted %v", account, s, out, found, counts)
		}
		return out
	}
	same(w, "accepted, for a recipient", shown("ümit", report.Accepted), []string{guid(2), guid(1)})
	same(w, "accepted, for the owner", shown(owner, report.Accepted), []string{guid(2), guid(1)})
	r.State = report.Failed
	w.update(func(tx ledger.Tx) error { return tx.Save(r, r.Version) })
	same(w, "accepted, after one failed", shown("ümit", report.Accepted), []string{guid(2)})
	same(w, "failed", shown("ümit", report.Failed), []string{guid(1)})
	put(1, "gül", false)
	put(1, "ümit", true)
	same(w, "failed, gone", shown("ümit", report.Failed), []string(nil))
	same(w, "failed, for another recipient", shown("gül", report.Failed), []string{guid(1)})
	same(w, "accepted, for who is gone from the other", shown("ümit", report.Accepted), []string{guid(2)})
	put(1, "ümit", false)
	same(w, "failed, back", shown("ümit", report.Failed), []string{guid(1)})
}

// stops asks for two words that never meet, in more requests than a search looks at.
func stops(w *world) {
	const all = 3200
	for from := 0; from < all; from += 400 {
		w.update(func(tx ledger.Tx) error {
			for n := from; n < from+400; n++ {
				r := &report.Request{GUID: guid(n), Version: 1, State: report.Accepted, Asked: asked()}
				r.Asked.Sentence = report.Text{TR: []string{"elma", "armut", "kiraz", "elma armut"}[n%3]}
				if n == 7 {
					r.Asked.Sentence.TR = "elma armut"
				}
				if err := tx.Insert(r); err != nil {
					return err
				}
			}
			return nil
		})
	}
	got, rounds := find(w, wide(), "elma armut")
	same(w, "the only one with both", got, []string{guid(7)})
	if rounds > 4 {
		w.Errorf("%d rounds for %d requests", rounds, all)
	}
	got, _ = find(w, ledger.Filter{Scope: ledger.Scope{All: true}, Limit: 300}, "kiraz")
	if len(got) != all/3 || !slices.IsSortedFunc(got, func(a, b string) int { return strings.Compare(b, a) }) {
		w.Errorf("%d with kiraz, want %d, newest first", len(got), all/3)
	}
	counts := read(w, func(v ledger.View) (map[report.State]int, error) {
		return v.Counts(ledger.Filter{Scope: ledger.Scope{Account: owner}, Before: guid(1000), Limit: 900})
	})
	same(w, "counted to the limit", counts, map[report.State]int{report.Accepted: 900})
}

// The people, words and states of the property. Each word is with how a person
// would type it, worked out by hand and not by a rule.
func somePeople() []string { return []string{"ayşe", "çiğdem", "ümit", "kemal"} }
func someRoles() []string  { return []string{report.NoApproval, "finance", "it"} }
func someStates() []report.State {
	return []report.State{report.Accepted, report.AwaitingApproval, report.Failed, report.Delivered}
}
func someWords() map[string]string {
	return map[string]string{
		"Isı": "isi", "İzmir": "izmir", "ılık": "ilik", "ilk": "ilk", "Şube": "sube", "ÇAĞRI": "cagri", "çağ": "cag",
		"gelir": "gelir", "GELİRLER": "gelirler", "öğün": "ogun", "Ürün": "urun", "2025": "2025", "20": "20", "0198": "0198",
	}
}

// sample is one request as the naive look sees it.
type sample struct {
	r          *report.Request
	recipients map[string]bool
	words      []string // as they would be typed
}

func drawSample(t *rapid.T, n int) sample {
	p := sample{recipients: map[string]bool{}}
	typed := someWords()
	some := func(label string) string {
		var out []string
		for _, x := range rapid.SliceOfN(rapid.SampledFrom(slices.Sorted(maps.Keys(typed))), 0, 2).Draw(t, label) {
			out, p.words = append(out, x), append(p.words, typed[x])
		}
		return strings.Join(out, " – ")
	}
	a := asked()
	a.Title = report.Text{TR: some("title"), EN: some("title in English")}
	a.Sentence = report.Text{TR: fmt.Sprintf("%s s%d", some("sentence"), n), EN: some("sentence in English")}
	p.words = append(p.words, fmt.Sprintf("s%d", n))
	a.OwnerName = some("name")
	a.Owner = rapid.SampledFrom(somePeople()).Draw(t, "owner")
	a.Approval = rapid.SampledFrom(someRoles()).Draw(t, "approval")
	for _, c := range rapid.SliceOfNDistinct(rapid.SampledFrom(somePeople()), 0, 2, rapid.ID).Draw(t, "recipients") {
		p.recipients[c] = rapid.Bool().Draw(t, "gone")
	}
	p.r = &report.Request{GUID: guid(n), Version: 1, State: rapid.SampledFrom(someStates()).Draw(t, "state"), Asked: a}
	return p
}

// has is what the contract says, the slow way.
func (p sample) has(f ledger.Filter, typed []string) bool {
	gone, receives := p.recipients[f.Scope.Account]
	in := f.Scope.All || p.r.Asked.Owner == f.Scope.Account || receives && !gone ||
		slices.Contains(f.Scope.Approves, p.r.Asked.Approval)
	if !in || len(f.States) > 0 && !slices.Contains(f.States, p.r.State) || f.Before != "" && p.r.GUID >= f.Before {
		return false
	}
	for _, x := range typed {
		begins := strings.HasPrefix(p.r.GUID, x)
		for _, word := range p.words {
			begins = begins || strings.HasPrefix(word, x)
		}
		if !begins {
			return false
		}
	}
	return true
}

func (p sample) put(tx ledger.Tx) error {
	err := tx.Insert(p.r)
	for account, gone := range p.recipients {
		c := ledger.Recipient{GUID: p.r.GUID, Account: account}
		if gone {
			c.GoneAt = tx.Now()
		}
		err = errors.Join(err, tx.PutRecipient(c))
	}
	return err
}

func drawFilter(t *rapid.T, most int) ledger.Filter {
	f := ledger.Filter{Limit: rapid.SampledFrom([]int{1000, 7, 40}).Draw(t, "limit")}
	switch rapid.IntRange(0, 3).Draw(t, "who") {
	case 0:
		f.Scope.All = true
	case 1:
		f.Scope.Approves = []string{"finance"}
		f.Scope.Account = rapid.SampledFrom(somePeople()).Draw(t, "account")
	default:
		f.Scope.Account = rapid.SampledFrom(somePeople()).Draw(t, "account")
	}
	f.States = rapid.SliceOfNDistinct(rapid.SampledFrom(someStates()), 0, 2, rapid.ID).Draw(t, "states")
	if rapid.Bool().Draw(t, "older") {
		f.Before = guid(rapid.IntRange(0, most).Draw(t, "before"))
	}
	return f
}

// drawWords gives beginnings of words as they are written and as they are typed
// plainly; one at least is long enough to be looked for.
func drawWords(t *rapid.T) (typed string, plainly []string) {
	known := someWords()
	for i, x := range rapid.SliceOfN(rapid.SampledFrom(slices.Sorted(maps.Keys(known))), 1, 3).Draw(t, "words") {
		written, plain := []rune(x), []rune(known[x])
		n := rapid.IntRange(min(2-min(i, 1), len(plain)), len(plain)).Draw(t, "letters")
		typed += " " + string(written[:n])
		plainly = append(plainly, string(plain[:n]))
	}
	return typed, plainly
}

// findAsPlainly compares searches and counts with a look at every request. All
// runs share one ledger, which grows between them.
func findAsPlainly(w *world) {
	var known []sample
	rapid.Check(w.T, func(t *rapid.T) {
		var more []sample
		for range rapid.IntRange(0, 40).Draw(t, "more") {
			more = append(more, drawSample(t, len(known)+len(more)))
		}
		w.update(func(tx ledger.Tx) error {
			for _, p := range more {
				if err := p.put(tx); err != nil {
					return err
				}
			}
			return nil
		})
		known = append(known, more...)
		f := drawFilter(t, len(known))
		typed, plainly := drawWords(t)
		var want []string
		counts := map[report.State]int{}
		for _, p := range slices.Backward(known) {
			if p.has(f, plainly) {
				want = append(want, p.r.GUID)
			}
			if p.has(f, nil) && counts[p.r.State] < f.Limit {
				counts[p.r.State]++
			}
		}
		if got, _ := find(w, f, typed); !slices.Equal(got, want) {
			t.Fatalf("search %q %+v\nfinds %v\nwant  %v", typed, f, got, want)
		}
		if got := read(w, func(v ledger.View) (map[report.State]int, error) { return v.Counts(f) }); !maps.Equal(got, counts) {
			t.Fatalf("%+v counts %v, want %v", f, got, counts)
		}
	})
}
