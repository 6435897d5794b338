package dial

import "net/netip"

// notGlobal4 is what the IANA IPv4 Special-Purpose Address Registry (RFC 6890)
// does not call globally reachable, whole blocks at a time, and multicast.
var notGlobal4 = prefixes( //nolint:gochecknoglobals // a table, never written
	"0.0.0.0/8",       // this network, RFC 791
	"10.0.0.0/8",      // private, RFC 1918
	"100.64.0.0/10",   // shared by carriers, RFC 6598
	"127.0.0.0/8",     // loopback, RFC 1122
	"169.254.0.0/16",  // link-local and the clouds' metadata, RFC 3927
	"172.16.0.0/12",   // private, RFC 1918
	"192.0.0.0/24",    // protocol assignments, RFC 6890
	"192.0.2.0/24",    // documentation, RFC 5737
	"192.88.99.0/24",  // 6to4 relays, RFC 7526
	"192.168.0.0/16",  // private, RFC 1918
	"198.18.0.0/15",   // benchmarking, RFC 2544
	"198.51.100.0/24", // documentation, RFC 5737
	"203.0.113.0/24",  // documentation, RFC 5737
	"224.0.0.0/4",     // multicast, RFC 5771
	"240.0.0.0/4",     // reserved and broadcast, RFC 1112
)

// global6 is the only block of IPv6 given out for global unicast (RFC 4291,
// 2.4). Outside lie loopback, the IPv4 forms, NAT64 (RFC 6052, RFC 8215),
// discard, unique local, link-local, site-local, SRv6 and multicast.
var global6 = netip.MustParsePrefix("2000::/3") //nolint:gochecknoglobals // a table, never written

// notGlobal6 is what inside it is not globally reachable, or leads to IPv4.
var notGlobal6 = prefixes( //nolint:gochecknoglobals // a table, never written
	"2001::/23",     // protocol assignments, RFC 2928: Teredo, benchmarking, ORCHID
	"2001:db8::/32", // documentation, RFC 3849
	"2002::/16",     // 6to4, RFC 3056
	"3fff::/20",     // documentation, RFC 9637
)

func prefixes(texts ...string) []netip.Prefix {
	parsed := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		parsed[i] = netip.MustParsePrefix(text)
	}
	return parsed
}

// Permitted tells whether an address may be dialed: it is globally reachable or
// in one of the networks. An IPv4 address written as IPv6 (RFC 4291, 2.5.5.2) is
// the IPv4 address, for that is where the connection would go.
func Permitted(addr netip.Addr, allow []netip.Prefix) bool {
	addr = addr.Unmap().WithZone("")
	return within(addr, allow) || global(addr)
}

func global(addr netip.Addr) bool {
	if addr.Is4() {
		return !within(addr, notGlobal4)
	}
	return global6.Contains(addr) && !within(addr, notGlobal6)
}

func within(addr netip.Addr, networks []netip.Prefix) bool {
	for _, network := range networks {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}
