package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
)

// What a session holds.
const (
	sessionAccount = "account"
	sessionStamp   = "stamp" // of the password it was opened with: another password ends it
)

// newSessions fills the manager in itself: scs.New would start a store in
// memory whose goroutine nobody stops.
func newSessions(cfg Config, store *access.Sessions) *scs.SessionManager {
	m := &scs.SessionManager{
		IdleTimeout: idleTime,
		Lifetime:    fullTime,
		Store:       store,
		Codec:       jsonCodec{},
		Cookie:      scs.SessionCookie{Name: "peyk", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode},
	}
	if cfg.Secure {
		// The prefix makes browsers demand Secure, Path=/ and no Domain (RFC 6265bis, 4.1.3.2).
		m.Cookie.Name, m.Cookie.Secure = "__Host-peyk", true
	}
	return m
}

// jsonCodec writes equal sessions as equal bytes, so that the store can tell
// that nothing has changed.
type jsonCodec struct{}

type storedSession struct {
	Deadline time.Time
	Values   map[string]any
}

func (jsonCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	return json.Marshal(storedSession{deadline, values})
}

func (jsonCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	var s storedSession
	if err := json.Unmarshal(b, &s); err != nil {
		return time.Time{}, nil, fmt.Errorf("read session: %w", err)
	}
	return s.Deadline, s.Values, nil
}

// stamp ties a session to the password it was opened with.
func stamp(a ledger.Account) string { return access.Digest(a.Password)[:16] }

// recall loads the session of a request's cookie, and who it belongs to; the
// account is empty if nobody is signed in.
func (s *Station) recall(r *http.Request) (context.Context, ledger.Account, error) {
	token := ""
	if cookie, err := r.Cookie(s.sessions.Cookie.Name); err == nil {
		token = cookie.Value
	}
	ctx, err := s.sessions.Load(r.Context(), token)
	if err != nil {
		return nil, ledger.Account{}, fmt.Errorf("recall session: %w", err)
	}
	name := s.sessions.GetString(ctx, sessionAccount)
	if name == "" {
		return ctx, ledger.Account{}, nil
	}
	var who ledger.Account
	err = s.cfg.Ledger.View(ctx, func(v ledger.View) error {
		a, err := v.Account(name)
		if errors.Is(err, ledger.ErrNotFound) {
			return nil
		}
		if err == nil && !a.Gone && stamp(a) == s.sessions.GetString(ctx, sessionStamp) {
			who = a
		}
		return err
	})
	if err != nil {
		return nil, ledger.Account{}, fmt.Errorf("recall session of %s: %w", name, err)
	}
	return ctx, who, nil
}

// prolong moves the end of the session, for what a person did. What a page
// fetches by itself keeps nobody signed in.
func (s *Station) prolong(v *visit) error {
	if v.who.Name == "" || v.Header.Get("HX-Request") == "true" && !changes(v.Method) || v.URL.Path == "/events" {
		return nil
	}
	_, _, err := s.sessions.Commit(v.Context())
	return err
}

// open begins a session of a's, under a token nobody knew before the sign-in.
func (s *Station) open(v *visit, w http.ResponseWriter, a ledger.Account) error {
	ctx := access.Opening(v.Context(), access.Visitor{Account: a.Name, Agent: v.UserAgent(), Address: s.address(v.Request)})
	if err := s.sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("open session of %s: %w", a.Name, err)
	}
	s.sessions.Put(ctx, sessionAccount, a.Name)
	s.sessions.Put(ctx, sessionStamp, stamp(a))
	token, expiry, err := s.sessions.Commit(ctx)
	if err != nil {
		return fmt.Errorf("open session of %s: %w", a.Name, err)
	}
	s.sessions.WriteSessionCookie(ctx, w, token, expiry)
	return nil
}

// here is the digest of this session's token; "" outside one.
func (s *Station) here(v *visit) string {
	if token := s.sessions.Token(v.Context()); token != "" {
		return access.Digest(token)
	}
	return ""
}

// end ends the session on both sides.
func (s *Station) end(v *visit, w http.ResponseWriter) error {
	if err := s.sessions.Destroy(v.Context()); err != nil {
		return fmt.Errorf("end session of %s: %w", v.who.Name, err)
	}
	s.sessions.WriteSessionCookie(v.Context(), w, "", time.Time{})
	return nil
}

// address is where a request comes from, for the throttle and for the list of
// sign-ins. Of a proxy's X-Forwarded-For only the last entry is the proxy's own
// word, wherever it stands: some proxies add a line to those that came. An entry
// that is no address says nothing, so the proxy's counts.
func (s *Station) address(r *http.Request) string {
	if s.cfg.BehindProxy {
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if ip, ok := hopAddress(hops[len(hops)-1]); ok {
			return ip.String()
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// hopAddress reads an address, which some proxies write with its port.
func hopAddress(hop string) (netip.Addr, bool) {
	hop = strings.TrimSpace(hop)
	if ip, err := netip.ParseAddr(strings.Trim(hop, "[]")); err == nil {
		return ip.Unmap().WithZone(""), true
	}
	with, err := netip.ParseAddrPort(hop)
	return with.Addr().Unmap().WithZone(""), err == nil
}
