package access

import (
	"net/netip"
	"strings"
)

// longest is what an allowance is remembered under at most, in bytes: longer
// than any account's name and any address.
const longest = 64

// countedName is under which name tries at an account are counted. How it is
// typed makes no other account of it, and a long one takes no more room.
func countedName(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	if len(name) > longest {
		return Digest(name)[:longest]
	}
	return name
}

// countedAddress is under which address tries are counted. Of IPv6 a whole /64
// is one: that much everybody who has an address has (RFC 6177).
func countedAddress(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return countedName(address)
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		net, _ := ip.Prefix(64) // 64 is a length of IPv6
		return net.String()
	}
	return ip.String()
}
