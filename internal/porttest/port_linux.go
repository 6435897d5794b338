package porttest

import (
	"fmt"
	"syscall"
)

// Reserve binds a socket to a free port and never listens on it. Linux lets a
// socket with SO_REUSEADDR listen beside such a one, gives the port to nobody
// who asks for port 0, and uses it for no outgoing connection
// (inet_csk_get_port and __inet_hash_connect of the kernel).
func Reserve() (*Port, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("reserve a port: %w", err)
	}
	p := &Port{fd: fd}
	if err := p.bind(); err != nil {
		p.Release()
		return nil, fmt.Errorf("reserve a port: %w", err)
	}
	return p, nil
}

func (p *Port) bind() error {
	if err := syscall.SetsockoptInt(p.fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return err
	}
	if err := syscall.Bind(p.fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return err
	}
	at, err := syscall.Getsockname(p.fd)
	if err != nil {
		return err
	}
	p.Number = at.(*syscall.SockaddrInet4).Port
	return nil
}

// Release gives the port back. A server that listens on it goes on.
func (p *Port) Release() {
	if p.fd >= 0 {
		_ = syscall.Close(p.fd) // nothing was written to it
	}
	p.fd = -1
}
