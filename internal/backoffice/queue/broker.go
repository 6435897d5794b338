package queue

import "github.com/nats-io/nats.go"

// broker is where the stream lives: a server within this process, or servers
// outside. Its methods are called with JetStream.mu held, but for intact.
type broker interface {
	// connect gives a connection that works now.
	connect() (*nats.Conn, error)
	// settled says that stream and consumers are declared on that connection.
	settled() error
	// intact tells whether the connection, and what lies under it, is still
	// what it was when it was given.
	intact() error
	// renew gives up what did not work, so that connect begins anew.
	renew() error
	// shutdown ends the connection, and the server if it is ours.
	shutdown()
	// String is where it is, for the log.
	String() string
}
