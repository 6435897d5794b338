package mem

import (
	"cmp"
	"slices"
	"time"

	"peyk/internal/backoffice/ledger"
)

// hookTime is how long the id of a webhook is remembered, and a token run out.
const hookTime = 30 * 24 * time.Hour

func bySeq(a, b *ledger.Notice) int { return cmp.Compare(a.Seq, b.Seq) }

func (s *store) inbox(account string) *set[*ledger.Notice] {
	box, ok := s.inboxes[account]
	if !ok {
		n := newSet(bySeq)
		box = &n
		s.inboxes[account] = box
	}
	return box
}

func (s *store) notices(account string) []*ledger.Notice {
	if box, ok := s.inboxes[account]; ok {
		return box.rows
	}
	return nil
}

// Notices gives those after a Seq, rising.
func (v *view) Notices(account string, after int64, limit int) ([]ledger.Notice, error) {
	all := v.notices(account)
	first, _ := slices.BinarySearchFunc(all, after+1, func(n *ledger.Notice, seq int64) int {
		return cmp.Compare(n.Seq, seq)
	})
	return values(head(all[first:], limit)), nil
}

// Unseen walks from the newest backwards.
func (v *view) Unseen(account string, limit int) ([]ledger.Notice, error) {
	all := v.notices(account)
	var out []ledger.Notice
	for i := len(all) - 1; i >= 0 && len(out) < atMost(limit); i-- {
		if all[i].SeenAt.IsZero() {
			out = append(out, *all[i])
		}
	}
	return out, nil
}

// AddNotice takes each notice once.
func (t *tx) AddNotice(n ledger.Notice) (bool, error) {
	notices := &t.of(n.GUID).notices
	if _, had := notices.get(&n); had {
		return false, nil
	}
	t.seq++
	n.Seq = t.seq
	cutAll(&n.At, &n.SeenAt)
	notices.put(&t.undo, &n)
	t.inbox(n.Account).put(&t.undo, &n)
	return true, nil
}

// MarkSeen dates the unseen notices of the account about the request.
func (t *tx) MarkSeen(account, guid string) error {
	t.see(guid, func(n *ledger.Notice) bool { return n.Account == account })
	return nil
}

// Answered dates everybody's unseen notices that asked about the request.
func (t *tx) Answered(guid string) error {
	t.see(guid, func(n *ledger.Notice) bool { return n.Subject == ledger.SubjectAsking })
	return nil
}

// see dates unseen notices of the request.
func (t *tx) see(guid string, which func(*ledger.Notice) bool) {
	notices := &t.of(guid).notices
	for _, n := range slices.Clone(notices.rows) {
		if n.SeenAt.IsZero() && which(n) {
			row := *n
			row.SeenAt = t.now
			notices.put(&t.undo, &row)
			t.inbox(row.Account).put(&t.undo, &row)
		}
	}
}

// Catalog gives the one there is.
func (v *view) Catalog() (ledger.Catalog, error) {
	if v.catalog == nil {
		return ledger.Catalog{}, missing("catalog", "of the provider")
	}
	return copyCatalog(*v.catalog), nil
}

// PutCatalog replaces it.
func (t *tx) PutCatalog(c ledger.Catalog) error {
	row, old := copyCatalog(c), t.catalog
	t.catalog = &row
	t.undo.add(func() { t.catalog = old })
	return nil
}

// Parked gives those not settled, newest first.
func (v *view) Parked(limit int) ([]ledger.Parked, error) {
	var out []ledger.Parked
	for i := len(v.parked) - 1; i >= 0 && len(out) < atMost(limit); i-- {
		if v.parked[i].ResolvedAt.IsZero() {
			out = append(out, copyParked(v.parked[i]))
		}
	}
	return out, nil
}

// Park keeps a payload.
func (t *tx) Park(p ledger.Parked) error {
	row, n := copyParked(p), len(t.parked)
	row.ID = int64(n) + 1
	row.ResolvedAt, row.ResolvedBy, row.Reason = time.Time{}, "", ""
	t.parked = append(t.parked, row)
	t.undo.add(func() { t.parked = t.parked[:n] })
	return nil
}

// Account gives one person.
func (v *view) Account(name string) (ledger.Account, error) {
	a, ok := v.accounts.get(ledger.Account{Name: name})
	if !ok {
		return ledger.Account{}, missing("account", name)
	}
	return copyAccount(a), nil
}

// Accounts gives everyone by name.
func (v *view) Accounts() ([]ledger.Account, error) { return mapped(v.accounts.rows, copyAccount), nil }

// LockAccount gives one; whoever writes is alone.
func (t *tx) LockAccount(name string) (ledger.Account, error) { return t.Account(name) }

// PutAccount adds or replaces one.
func (t *tx) PutAccount(a ledger.Account) error {
	t.accounts.put(&t.undo, copyAccount(a))
	return nil
}

// Session gives one that has not run out.
func (v *view) Session(tokenHash string) (ledger.Session, error) {
	s, ok := v.sessions.get(ledger.Session{TokenHash: tokenHash})
	if !ok || !s.ExpiresAt.After(v.now) {
		return ledger.Session{}, missing("session", "of that token")
	}
	return copySession(s), nil
}

// PutSession adds or replaces one.
func (t *tx) PutSession(s ledger.Session) error {
	t.sessions.put(&t.undo, copySession(s))
	return nil
}

// SessionsOf gives those of one person that have not run out, oldest first.
func (v *view) SessionsOf(account string) ([]ledger.Session, error) {
	var out []ledger.Session
	for _, s := range v.sessions.rows {
		if s.Account == account && s.ExpiresAt.After(v.now) {
			out = append(out, copySession(s))
		}
	}
	slices.SortStableFunc(out, func(a, b ledger.Session) int { return a.At.Compare(b.At) })
	return out, nil
}

// ProlongSession changes one that is there.
func (t *tx) ProlongSession(s ledger.Session) error {
	row, ok := t.sessions.get(s)
	if ok {
		row.Data, row.ExpiresAt, row.UsedAt = s.Data, s.ExpiresAt, s.UsedAt
		t.sessions.put(&t.undo, copySession(row))
	}
	return nil
}

// DeleteSession drops one, if it is there.
func (t *tx) DeleteSession(tokenHash string) error {
	t.sessions.remove(&t.undo, ledger.Session{TokenHash: tokenHash})
	return nil
}

// Token gives one.
func (v *view) Token(hash string) (ledger.Token, error) {
	k, ok := v.tokens.get(ledger.Token{Hash: hash})
	if !ok {
		return ledger.Token{}, missing("token", "of that digest")
	}
	return k, nil
}

// PutToken adds or replaces one.
func (t *tx) PutToken(k ledger.Token) error {
	cutAll(&k.At, &k.ExpiresAt, &k.UsedAt)
	t.tokens.put(&t.undo, k)
	return nil
}

// TokensOf gives those of one person, oldest first.
func (v *view) TokensOf(account string) ([]ledger.Token, error) {
	var out []ledger.Token
	for _, k := range v.tokens.rows {
		if k.Account == account {
			out = append(out, k)
		}
	}
	slices.SortStableFunc(out, func(a, b ledger.Token) int { return a.At.Compare(b.At) })
	return out, nil
}

// TouchToken dates the last use of one that is there.
func (t *tx) TouchToken(hash string) error {
	if k, ok := t.tokens.get(ledger.Token{Hash: hash}); ok {
		k.UsedAt = t.now
		t.tokens.put(&t.undo, k)
	}
	return nil
}

// DeleteToken drops one, if it is there.
func (t *tx) DeleteToken(hash string) error {
	t.tokens.remove(&t.undo, ledger.Token{Hash: hash})
	return nil
}

// Expire drops sessions run out, tokens and webhooks of long ago, processes long
// gone.
func (t *tx) Expire() error {
	t.dropBeats()
	for _, k := range slices.Clone(t.tokens.rows) {
		if !k.ExpiresAt.IsZero() && k.ExpiresAt.Before(t.now.Add(-hookTime)) {
			t.tokens.remove(&t.undo, k)
		}
	}
	for _, s := range slices.Clone(t.sessions.rows) {
		if !s.ExpiresAt.After(t.now) {
			t.sessions.remove(&t.undo, s)
		}
	}
	for _, h := range slices.Clone(t.hookIDs.rows) {
		if h.At.Before(t.now.Add(-hookTime)) {
			t.hookIDs.remove(&t.undo, h)
			t.of(h.GUID).hooks.remove(&t.undo, h)
		}
	}
	return nil
}
