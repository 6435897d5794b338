// Package dial reaches the provider, and nothing that is not on the internet.
//
// Promise: a connection is opened only to an address that is globally reachable,
// or lies in a network the operator named. What is checked is the address about
// to be connected to, after all resolving, for each connection anew: neither a
// name, nor a redirect, nor a DNS answer that changes between two looks leads
// into the company's own networks. No answer is read without an end: headers,
// bodies, and the time each may take are bounded.
//
// Limits: what the other end forwards to is beyond its knowledge, and so is a
// network inside that uses global addresses. A proxy from the environment is
// ignored.
//
// Failure: a refused address is a *report.Error "address-refused", Transient,
// for a name may lead elsewhere tomorrow; nothing was sent.
package dial

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"peyk/internal/report"
)

// The times and sizes of an exchange with a peer nobody trusts.
const (
	connectTimeout  = 10 * time.Second
	keepAlive       = 30 * time.Second
	tlsTimeout      = 10 * time.Second
	headerTimeout   = 30 * time.Second
	headerBytes     = 64 << 10
	idleTimeout     = 90 * time.Second
	idlePerHost     = 64
	connectionsHost = 64
)

// CodeRefused is the code of the error for an address that may not be dialed.
const CodeRefused = "address-refused"

// Context dials for http.Transport.DialContext. Addresses in the allowed
// networks are dialed whatever they are.
func Context(allow []netip.Prefix) func(ctx context.Context, network, address string) (net.Conn, error) {
	allow = slices.Clone(allow)
	dialer := net.Dialer{
		Timeout:   connectTimeout,
		KeepAlive: keepAlive,
		ControlContext: func(_ context.Context, network, address string, _ syscall.RawConn) error {
			return check(network, address, allow)
		},
	}
	return dialer.DialContext
}

// check runs between resolving and connecting, once per address tried.
func check(network, address string, allow []netip.Prefix) error {
	target, err := netip.ParseAddrPort(address)
	if err == nil && (network == "tcp4" || network == "tcp6") && Permitted(target.Addr(), allow) {
		return nil
	}
	return &report.Error{
		Class:    report.Transient,
		Code:     CodeRefused,
		Sentence: "The provider's address leads into a network that may not be reached.",
		Cause:    fmt.Errorf("%s %s is neither globally reachable nor in a named network", network, address),
	}
}

// Transport talks HTTP over such connections: TLS 1.3 or newer, no proxy, no
// compression, 64 KiB of headers, 30 s until they are here. Redirects are for
// the client to refuse, bodies for MinRate to bound.
func Transport(allow []netip.Prefix, config *tls.Config) *http.Transport {
	if config == nil {
		config = new(tls.Config)
	}
	config = config.Clone()
	config.MinVersion = tls.VersionTLS13
	return &http.Transport{
		DialContext:            Context(allow),
		TLSClientConfig:        config,
		TLSHandshakeTimeout:    tlsTimeout,
		ResponseHeaderTimeout:  headerTimeout,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: headerBytes,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConnsPerHost:    idlePerHost,
		MaxConnsPerHost:        connectionsHost,
		DisableCompression:     true,
		ForceAttemptHTTP2:      true,
	}
}
