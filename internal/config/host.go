package config

import "net"

// Loopback reports whether a host that settings name is this machine, which only
// its own processes reach.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
