package pgtest

import (
	"context"
	"fmt"
	"os"
	"testing"
)

// Main runs the tests of a package beside a server of their own and gives the
// exit code. The server does not sync: only few tests are about the loss of
// power, and those start their own.
func Main(m *testing.M, use func(*Server)) int {
	ctx := context.Background()
	server, err := Start(ctx, Options{NoSync: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	use(server)
	code := m.Run()
	if err := server.Close(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}
