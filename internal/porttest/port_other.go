//go:build !linux

package porttest

import (
	"fmt"
	"net"
)

// Reserve finds a port that is free now.
func Reserve() (*Port, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("reserve a port: %w", err)
	}
	if err := l.Close(); err != nil {
		return nil, fmt.Errorf("reserve a port: %w", err)
	}
	return &Port{Number: l.Addr().(*net.TCPAddr).Port, fd: -1}, nil
}

// Release gives the port back.
func (p *Port) Release() {}
