package pgtest

import "syscall"

// attributes: the server runs as another, in a group of its own so that an
// interrupt from the keyboard is this process's alone, and ends with us.
func (s *Server) attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: s.runAs, Setpgid: true, Pdeathsig: syscall.SIGQUIT}
}
