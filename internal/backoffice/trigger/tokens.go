package trigger

import (
	"context"
	"errors"
	"net/http"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
)

// tokenDoc is a person's token as the API shows it.
type tokenDoc struct {
	ID        string    `json:"id"`
	Label     string    `json:"label"`
	Scope     string    `json:"scope"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
	UsedOn    string    `json:"used_on,omitempty"` // a day, UTC
	Expired   bool      `json:"expired,omitempty"`
	Secret    string    `json:"secret,omitempty"` // shown once, when it was made
}

func tokenOf(t ledger.Token, now time.Time) tokenDoc {
	d := tokenDoc{ID: access.Ref(t.Hash), Label: t.Label, Scope: t.Scope, CreatedAt: t.At, ExpiresAt: t.ExpiresAt, Expired: access.RunOut(t, now)}
	if !t.UsedAt.IsZero() {
		d.UsedOn = t.UsedAt.Format(time.DateOnly)
	}
	return d
}

// personal lists the tokens a person made, run out or not.
func personal(v ledger.View, account string) ([]ledger.Token, error) {
	rows, err := v.TokensOf(account)
	var out []ledger.Token
	for _, t := range rows {
		if access.Personal(t) {
			out = append(out, t)
		}
	}
	return out, err
}

func (s *Station) listTokens(c call) (answer, error) {
	out := struct {
		Tokens []tokenDoc `json:"tokens"`
	}{[]tokenDoc{}}
	err := s.Store.View(c.Context(), func(v ledger.View) error {
		rows, err := personal(v, c.who.Name)
		for _, t := range rows {
			out.Tokens = append(out.Tokens, tokenOf(t, v.Now()))
		}
		return err
	})
	if err != nil {
		return answer{}, err
	}
	return ok(out)
}

// makeToken answers the secret, this once.
func (s *Station) makeToken(c call) (answer, error) {
	in := struct {
		Label string `json:"label"`
		Scope string `json:"scope"`
		Days  int    `json:"days"`
	}{Days: access.UsualDays}
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	var out tokenDoc
	err := s.Store.Update(c.Context(), func(tx ledger.Tx) error {
		if _, err := held(tx, c.who.Name); err != nil { // so that the count below stays true
			return err
		}
		if err := room(tx, c.who.Name); err != nil {
			return err
		}
		secret, row, err := access.NewPersonal(c.who.Name, in.Label, in.Scope, in.Days, tx.Now())
		if err != nil {
			return badToken(err)
		}
		out = tokenOf(row, tx.Now())
		out.Secret = secret
		return tx.PutToken(row)
	})
	if err != nil {
		return answer{}, err
	}
	s.Log.InfoContext(c.Context(), "token made", "account", c.who.Name, "token", out.ID, "scope", out.Scope, "until", out.ExpiresAt)
	return answer{status: http.StatusCreated, body: out}, nil
}

// room refuses one token too many.
func room(tx ledger.Tx, account string) error {
	rows, err := personal(tx, account)
	live := 0
	for _, t := range rows {
		if !access.RunOut(t, tx.Now()) {
			live++
		}
	}
	if err == nil && live >= access.MaxTokens {
		return protocol.NewProblem(http.StatusConflict, "too-many-tokens", "you have %d tokens; revoke one first", live)
	}
	return err
}

func badToken(err error) error {
	p := protocol.NewProblem(http.StatusUnprocessableEntity, "invalid-token", "%v", err)
	for cause, pointer := range map[error]string{access.ErrLabel: "/label", access.ErrScope: "/scope", access.ErrDays: "/days"} {
		if errors.Is(err, cause) {
			p.Errors = []protocol.ProblemDetail{{Pointer: pointer, Detail: cause.Error()}}
		}
	}
	return p
}

// revokeToken ends one of the caller's own; another's is as unknown as none.
func (s *Station) revokeToken(c call) (answer, error) {
	err := s.Store.Update(c.Context(), func(tx ledger.Tx) error {
		rows, err := personal(tx, c.who.Name)
		if err != nil {
			return err
		}
		for _, t := range rows {
			if access.Ref(t.Hash) == c.PathValue("id") {
				return tx.DeleteToken(t.Hash)
			}
		}
		return protocol.NewProblem(http.StatusNotFound, "token-unknown", "there is no such token")
	})
	if err != nil {
		return answer{}, err
	}
	s.Log.InfoContext(c.Context(), "token revoked", "account", c.who.Name, "token", c.PathValue("id"))
	return ok(struct{}{})
}

// revokeAll ends every token a person made.
func revokeAll(tx ledger.Tx, account string) error {
	rows, err := personal(tx, account)
	for _, t := range rows {
		if err := tx.DeleteToken(t.Hash); err != nil {
			return err
		}
	}
	return err
}

// touch notes that a token is in use. The call goes on without it.
func (s *Station) touch(ctx context.Context, t ledger.Token) {
	if err := s.Store.Update(ctx, func(tx ledger.Tx) error { return tx.TouchToken(t.Hash) }); err != nil {
		s.Log.WarnContext(ctx, "use of a token not noted", "account", t.Account, "token", access.Ref(t.Hash), "error", err)
	}
}
