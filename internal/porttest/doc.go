// Package porttest reserves TCP ports of 127.0.0.1 for servers that a test
// starts as processes, which cannot take a listener over.
//
// Promise: on Linux a reserved port is given to no other process that asks for
// any free port or opens a connection, until it is released; the server may
// listen on it as often as it is started. Two test runs can go side by side.
//
// Limits: the server must set SO_REUSEADDR, as Go, PostgreSQL and Node do. A
// process that asks for the very same number is not kept off. Elsewhere than on
// Linux the port is only known to have been free.
//
// Failure: Reserve returns the error of the system.
package porttest

// Port is a reserved port.
type Port struct {
	Number int
	fd     int // the socket that is bound to it; -1: none
}
