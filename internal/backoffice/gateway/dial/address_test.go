package dial_test

import (
	"bufio"
	"net/netip"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"peyk/internal/backoffice/gateway/dial"
)

// registry reads the blocks of the IANA registries that are not globally
// reachable, with the name of each.
func registry(t *testing.T) map[netip.Prefix]string {
	t.Helper()
	f, err := os.Open("testdata/iana-not-global.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	blocks := make(map[netip.Prefix]string)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		block, name, _ := strings.Cut(line, " ")
		blocks[netip.MustParsePrefix(block)] = strings.TrimSpace(name)
	}
	if len(blocks) < 30 {
		t.Fatalf("only %d blocks", len(blocks))
	}
	return blocks
}

// last is the highest address of a block.
func last(block netip.Prefix) netip.Addr {
	bytes := block.Addr().AsSlice()
	for bit := block.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	addr, _ := netip.AddrFromSlice(bytes)
	return addr
}

func TestSpecialBlocksAreRefused(t *testing.T) {
	t.Parallel()
	for block, name := range registry(t) {
		for _, addr := range []netip.Addr{block.Addr(), last(block)} {
			if dial.Permitted(addr, nil) {
				t.Errorf("%v of %v (%s) is permitted", addr, block, name)
			}
			if !dial.Permitted(addr, []netip.Prefix{netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen())}) {
				t.Errorf("%v of %v (%s) is refused although named", addr, block, name)
			}
		}
	}
}

func TestTheInternetIsPermitted(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
		"169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0",
		"198.17.255.255", "198.20.0.0", "223.255.255.255", "::ffff:1.1.1.1",
		"2001:200::1", "2001:4860:4860::8888", "2001:db7:ffff::1", "2001:db9::1", "2003::1", "2606:4700::1111", "2a00::1", "3fff:1000::1",
	} {
		if !dial.Permitted(netip.MustParseAddr(text), nil) {
			t.Errorf("%s is refused", text)
		}
	}
}

func TestNamedNetworks(t *testing.T) {
	t.Parallel()
	allow := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("fd00:1::/32"), netip.MustParsePrefix("fe80::/10")}
	for text, want := range map[string]bool{
		"127.0.0.1": true, "::ffff:127.0.0.1": true, "fd00:1::5": true, "fe80::1%eth0": true,
		"::1": false, "fd00:2::5": false, "10.0.0.1": false, "169.254.169.254": false,
	} {
		if got := dial.Permitted(netip.MustParseAddr(text), allow); got != want {
			t.Errorf("%s permitted: %v, want %v", text, got, want)
		}
	}
}

// What net/netip itself knows to be special is refused, in every spelling.
func TestNoSpellingHelps(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		four := netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "four")))
		six := netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "six")))
		for _, addr := range []netip.Addr{four, six} {
			special := addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast() || addr.IsMulticast() ||
				addr.IsUnspecified() || !addr.IsGlobalUnicast()
			if special && dial.Permitted(addr, nil) {
				t.Fatalf("%v is permitted", addr)
			}
		}
		mapped := netip.AddrFrom16(four.As16())
		if dial.Permitted(mapped, nil) != dial.Permitted(four, nil) {
			t.Fatalf("%v and %v differ", mapped, four)
		}
		for _, prefix := range []string{"64:ff9b::", "64:ff9b:1::", "::"} {
			hidden := netip.MustParseAddr(prefix).As16()
			copy(hidden[12:], four.AsSlice())
			if addr := netip.AddrFrom16(hidden); dial.Permitted(addr, nil) {
				t.Fatalf("%v is permitted", addr)
			}
		}
	})
}
