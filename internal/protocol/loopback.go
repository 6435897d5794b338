package protocol

import (
	"fmt"
	"net"
	"net/netip"
)

// RefuseNonLoopback returns an error, written for the operator, unless addr
// (host:port) is one only this machine can reach. Plain HTTP is spoken there
// and nowhere else. The name localhost counts as loopback (RFC 6761, 6.3).
func RefuseNonLoopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("listen address %q must be host:port, for example 127.0.0.1:8080: %w", addr, err)
	}
	if host == "localhost" {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.Unmap().IsLoopback() {
		return nil
	}
	return fmt.Errorf("listen address %q can be reached from other machines, and plain HTTP is only spoken on loopback: use 127.0.0.1 or [::1]", addr)
}
