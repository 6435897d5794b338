package node

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/gateway"
	"peyk/internal/backoffice/queue"
	"peyk/internal/backoffice/trace"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// Start lets the stations work and opens the doors, the front door last.
func (co *Company) Start(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx) // Stop ends what begins here, in its order
	if co.runs(Gateway) {
		if err := co.listen(ctx, report.Gateway, gateway.Events(), co.gateway.Handle); err != nil {
			return err
		}
		co.gateway.Start()
		co.sweep(co.gateway.Sweep)
		// The first document should not wait for a gate child to start. One that
		// cannot start is tried again with each document, and shown by the checks.
		if err := co.gates.Ready(ctx); err != nil {
			co.Log.WarnContext(ctx, "the document gate is not ready", "error", err)
		}
	}
	if co.runs(Trace) {
		if err := co.listen(ctx, report.Trace, trace.Events(), co.trace.Handle); err != nil {
			return err
		}
		co.trace.Start()
		co.sweep(co.trace.Sweep)
	}
	if co.runs(Trigger) {
		co.sweep(co.trigger.Sweep)
	}
	co.sweep(co.beat)
	co.openDoors()
	return nil
}

// sweep runs one until Stop.
func (co *Company) sweep(sweep func(context.Context)) {
	co.sweeps++
	go func() { sweep(co.work); co.swept <- struct{}{} }()
}

// openDoors lets in whom the roles here are for.
func (co *Company) openDoors() {
	if co.Health != nil {
		co.doors.open("health", co.Health, co.healthPages())
	}
	if co.runs(Reader) {
		mux := co.healthPages()
		mux.Handle("/", protocol.RequireBearer([]string{co.Provider.Expect}, co.pulse.metered(PartNotices, co.pulse.metered(string(Reader), co.reader))))
		co.doors.open("webhooks", co.Reader, mux)
	}
	if co.API != nil {
		co.doors.open("API", co.API, co.api())
	}
	if co.Inner != nil {
		co.inner.open("API", co.Inner, co.api())
	}
	if co.Front != nil {
		co.doors.open("pages", co.Front, co.front())
	}
}

// listen lets a role hear its events. A message is acknowledged when its task
// is leased, or owed to the sweep.
func (co *Company) listen(ctx context.Context, role report.Role, types []event.Type, handle func(context.Context, event.Event, uint64) error) error {
	stop, err := co.queue.Consume(ctx, string(role), types, func(ctx context.Context, m queue.Message) {
		if err := handle(ctx, m.Event, m.Sequence); err != nil {
			co.Log.WarnContext(ctx, "event not handled; it comes again", "event", m.Event.Type, "error", err)
			err = m.Nak(time.Second)
			if err != nil {
				co.Log.DebugContext(ctx, "not said", "error", err)
			}
			return
		}
		if err := m.Ack(ctx); err != nil {
			co.Log.DebugContext(ctx, "event not acknowledged; it comes again", "error", err)
		}
	})
	if err != nil {
		return fmt.Errorf("let %s listen: %w", role, err)
	}
	co.consumers = append(co.consumers, stop)
	return nil
}

// front is the one listener people and scripts use.
func (co *Company) front() http.Handler {
	mux := co.healthPages()
	if co.runs(Trigger) {
		mux.Handle("/api/v1/", co.pulse.metered(string(Trigger), co.trigger))
	}
	if co.runs(Web) {
		mux.Handle("/", co.pulse.metered(string(Web), co.web.Handler()))
	}
	return strict(mux, co.Secure)
}

// strict sets what holds for every answer of the front door, the API's and the
// mux's own as well; pages say more for themselves (ASVS 5.0, 3.4).
func strict(next http.Handler, secure bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if secure {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

// api is the trigger's alone.
func (co *Company) api() http.Handler {
	mux := co.healthPages()
	mux.Handle("/api/v1/", co.pulse.metered(string(Trigger), co.trigger))
	return strict(mux, co.Secure)
}

// healthPages tell whoever watches over the process how it is.
func (co *Company) healthPages() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /readyz", co.ready)
	return mux
}

// ready says whether work should be sent here, and to strangers nothing more.
// A silent provider is no reason against it: requests wait for it in the ledger.
func (co *Company) ready(w http.ResponseWriter, r *http.Request) {
	for _, check := range co.health.Ask(r.Context()) {
		if !check.OK && check.Name != providerCheck {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// Stop ends intake, then work, then the stores. What ctx cuts short hands its
// leases back.
func (co *Company) Stop(ctx context.Context) error {
	var errs []error
	if co.web != nil {
		errs = append(errs, co.web.Close(ctx))
	}
	errs = append(errs, co.doors.close(ctx), co.inner.close(ctx))
	for _, stop := range co.consumers {
		errs = append(errs, stop(ctx))
	}
	co.stopWork()
	for range co.sweeps {
		<-co.swept
	}
	if co.gateway != nil {
		errs = append(errs, co.gateway.Stop(ctx))
	}
	if co.trace != nil {
		errs = append(errs, co.trace.Stop(ctx))
	}
	return errors.Join(append(errs, co.closeStores(ctx))...)
}

func (co *Company) closeStores(ctx context.Context) error {
	var errs []error
	if co.relay != nil {
		co.relay.Close()
	}
	if co.gates != nil {
		errs = append(errs, co.gates.Close())
	}
	if co.herald != nil {
		co.herald.close()
	}
	if co.queue != nil {
		errs = append(errs, co.queue.Close(ctx))
	}
	if co.blobs != nil {
		errs = append(errs, co.blobs.Close())
	}
	if co.ledger != nil {
		errs = append(errs, co.ledger.Close())
	}
	return errors.Join(errs...)
}
