package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web"
	"peyk/internal/telemetry"
)

// catalogAge is how old the provider's last word may be before we call it
// silent: it is asked every five minutes.
const catalogAge = 11 * time.Minute

// providerCheck is the one check that does not decide about readiness.
const providerCheck = "provider"

// checkTime bounds each check.
const checkTime = 2 * time.Second

// checks say whether the company's process can do its work.
func (co *Company) checks() *telemetry.Health {
	h := telemetry.NewHealth(time.Now, checkTime)
	h.Add("ledger", func(ctx context.Context) error {
		return co.ledger.Update(ctx, func(ledger.Tx) error { return nil })
	})
	h.Add("queue", co.queue.Ready)
	if co.gates != nil {
		h.Add("document gate", co.gates.Ready)
	}
	h.Add(providerCheck, func(ctx context.Context) error {
		return co.ledger.View(ctx, func(v ledger.View) error {
			c, err := v.Catalog()
			if errors.Is(err, ledger.ErrNotFound) {
				return errors.New("it was not reached yet")
			}
			if age := v.Now().Sub(c.At); err == nil && age > catalogAge {
				return fmt.Errorf("it was last reached %s ago", age.Round(time.Second))
			}
			return err
		})
	})
	return h
}

// webHealth puts the checks into the terms of the operations page.
func (co *Company) webHealth(ctx context.Context) (out []web.Check) {
	for _, r := range co.health.Ask(ctx) {
		out = append(out, web.Check{Name: r.Name, OK: r.OK, Since: r.Since, Detail: r.Error})
	}
	return out
}
