package node

import "testing"

func TestPlainHTTPStaysOnLoopback(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"127.0.0.1:0", "127.8.8.8:80", "[::1]:8080", "localhost:1", "[::ffff:127.0.0.1]:1"} {
		if err := onLoopback(addr); err != nil {
			t.Error(err)
		}
	}
	for _, addr := range []string{":8080", "0.0.0.0:80", "[::]:80", "10.0.0.1:80", "example.com:80", "127.0.0.1", "localhost.example.com:80"} {
		if onLoopback(addr) == nil {
			t.Errorf("%q is let through", addr)
		}
	}
}
