package access

import (
	"context"
	"errors"
	"fmt"

	"peyk/internal/backoffice/ledger"
)

// ErrWrong is the one answer to a wrong name, a wrong password and the name of
// somebody who left.
var ErrWrong = errors.New("name and password do not match")

// Door lets people in.
type Door struct {
	Ledger    ledger.Ledger
	Passwords *Passwords
	Throttle  *Throttle
}

// SignIn finds the account a name and password belong to. address is the
// network address it is tried from, for the throttle. It returns ErrWrong or
// *Throttled for people, any other error when the ledger could not answer.
func (d *Door) SignIn(ctx context.Context, name, password, address string) (ledger.Account, error) {
	if err := d.Throttle.Try(name, address); err != nil {
		return ledger.Account{}, err
	}
	var a ledger.Account
	err := d.Ledger.View(ctx, func(v ledger.View) error {
		var err error
		a, err = present(v, name)
		if errors.Is(err, ErrUnauthenticated) {
			return nil // a stays empty: the same work is done for nobody
		}
		return err
	})
	if err != nil {
		return ledger.Account{}, fmt.Errorf("sign in %q: %w", name, err)
	}
	right, err := d.Passwords.Verify(ctx, a.Password, password)
	if err != nil {
		return ledger.Account{}, fmt.Errorf("sign in %q: %w", name, err)
	}
	if !right {
		return ledger.Account{}, ErrWrong
	}
	d.Throttle.Clear(name)
	return a, nil
}
