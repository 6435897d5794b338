package queue_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	nats "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/queue"
	"peyk/internal/backoffice/queue/queuetest"
	"peyk/internal/backoffice/queue/server"
	"peyk/internal/backoffice/queue/server/servertest"
)

// write puts text into a file of the test's own.
func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const hunter = "hunter-2-is-secret"

// Who is known gets in, and who is not is told why in a sentence without
// secrets.
func TestWhoIsLetIn(t *testing.T) {
	t.Parallel()
	ours, theirs := servertest.NewAuthority(t), servertest.NewAuthority(t)
	cert, key := ours.Pair(t)
	stranger, strangerKey := theirs.Pair(t)
	right, wrong := write(t, hunter+"\n"), write(t, hunter+"-not\n")
	rotated := write(t, "the next one\n"+hunter+"\n")
	tls := server.Config{Cert: cert, Key: key, PasswordFile: right}
	mutual := server.Config{Cert: cert, Key: key, CA: ours.File}
	for name, c := range map[string]struct {
		server server.Config
		client queue.External
		reason string // "": let in
	}{
		"password":            {server.Config{User: "peyk", PasswordFile: right}, queue.External{User: "peyk", PasswordFile: right}, ""},
		"old password":        {server.Config{User: "peyk", PasswordFile: rotated}, queue.External{User: "peyk", PasswordFile: right}, ""},
		"new password":        {server.Config{User: "peyk", PasswordFile: rotated}, queue.External{User: "peyk", PasswordFile: rotated}, ""},
		"wrong password":      {server.Config{User: "peyk", PasswordFile: right}, queue.External{User: "peyk", PasswordFile: wrong}, "does not let us in as user peyk with the password in " + wrong},
		"wrong user":          {server.Config{User: "peyk", PasswordFile: right}, queue.External{User: "paul", PasswordFile: right}, "does not let us in as user paul"},
		"no password":         {server.Config{User: "peyk", PasswordFile: right}, queue.External{}, "does not let us in without credentials or a password"},
		"token":               {server.Config{PasswordFile: right}, queue.External{PasswordFile: right}, ""},
		"wrong token":         {server.Config{PasswordFile: right}, queue.External{PasswordFile: wrong}, "does not let us in with the token in " + wrong},
		"TLS":                 {tls, queue.External{PasswordFile: right, CA: ours.File}, ""},
		"another authority":   {tls, queue.External{PasswordFile: right, CA: theirs.File}, "none of the authorities in " + theirs.File + " vouches for"},
		"the system's":        {tls, queue.External{PasswordFile: right}, "none of the system's authorities vouches for"},
		"no TLS there":        {server.Config{PasswordFile: right}, queue.External{PasswordFile: right, CA: ours.File}, "speaks no TLS"},
		"certificate":         {mutual, queue.External{CA: ours.File, Cert: cert, Key: key}, ""},
		"no certificate":      {mutual, queue.External{CA: ours.File}, "breaks TLS off with us, who show no certificate"},
		"strange certificate": {mutual, queue.External{CA: ours.File, Cert: stranger, Key: strangerKey}, "breaks TLS off with us, who show the certificate in " + stranger},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.client.URLs = []string{servertest.Alone(t, c.server).URL()}
			q := openOn(t, queuetest.Options{}, c.client)
			let(t, q, c.reason)
		})
	}
}

// let checks whether the queue is let in, or why it is not.
func let(t *testing.T, q *queue.JetStream, reason string) {
	t.Helper()
	err := q.Ready(t.Context())
	if reason == "" {
		if err != nil {
			t.Fatal(err)
		}
		queuetest.Publish(t, q, queuetest.Event(event.ReportReady))
		return
	}
	if err == nil || !strings.Contains(err.Error(), reason) {
		t.Errorf("refused with %v, want %q in it", err, reason)
	}
	if err != nil && strings.Contains(err.Error(), hunter) {
		t.Errorf("the reason tells the secret: %v", err)
	}
}

// A secret that is put right lets the queue in without anybody's doing, at the
// start and when the server has another one after a while.
func TestASecretIsPutRight(t *testing.T) {
	t.Parallel()
	theirs, ours := write(t, "one"), write(t, "two")
	h := servertest.Alone(t, server.Config{User: "peyk", PasswordFile: theirs})
	q := openOn(t, queuetest.Options{}, queue.External{URLs: []string{h.URL()}, User: "peyk", PasswordFile: ours})
	got, seen := both(t, q)
	let(t, q, "does not let us in")
	put := func(file, secret string) {
		if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(ours, "one")
	flows(t, q, got, seen)
	put(theirs, "three")
	h.Kill()
	h.Start()
	for limit := time.Now().Add(queuetest.Patience); ; {
		if err := q.Ready(t.Context()); err != nil && strings.Contains(err.Error(), "does not let us in") {
			break
		}
		if time.Now().After(limit) {
			t.Fatal("let in with the old secret")
		}
	}
	put(ours, "three")
	flows(t, q, got, seen)
}

// A company's own servers know us by credentials: a token of an operator,
// account and user, and the user's key.
func TestCredentials(t *testing.T) {
	t.Parallel()
	operator, account, user := pairOf(t, nkeys.CreateOperator), pairOf(t, nkeys.CreateAccount), pairOf(t, nkeys.CreateUser)
	srv := trusting(t, operator, pairOf(t, nkeys.CreateAccount), account)
	at := queue.External{URLs: []string{srv.ClientURL()}, Credentials: credentials(t, account, user)}
	let(t, openOn(t, queuetest.Options{}, at), "")

	at.Credentials = credentials(t, pairOf(t, nkeys.CreateAccount), user)
	let(t, openOn(t, queuetest.Options{}, at), "does not let us in with the credentials in "+at.Credentials)
}

// trusting starts a server that knows an operator's accounts: its own, and one
// that may keep events.
func trusting(t *testing.T, operator, system, account nkeys.KeyPair) *nats.Server {
	t.Helper()
	accounts := &nats.MemAccResolver{}
	for _, a := range []nkeys.KeyPair{system, account} {
		claims := jwt.NewAccountClaims(public(t, a))
		if a == account {
			claims.Limits.JetStreamLimits = jwt.JetStreamLimits{DiskStorage: -1, Streams: -1, Consumer: -1, MemoryStorage: -1}
		}
		vouched, err := claims.Encode(operator)
		if err != nil {
			t.Fatal(err)
		}
		if err := accounts.Store(public(t, a), vouched); err != nil {
			t.Fatal(err)
		}
	}
	srv, err := nats.NewServer(&nats.Options{
		Host: "127.0.0.1", Port: nats.RANDOM_PORT, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir(),
		TrustedKeys: []string{public(t, operator)}, SystemAccount: public(t, system), AccountResolver: accounts,
	})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	if !srv.ReadyForConnections(queuetest.Patience) {
		t.Fatal("the server does not start")
	}
	return srv
}

func pairOf(t *testing.T, create func() (nkeys.KeyPair, error)) nkeys.KeyPair {
	t.Helper()
	pair, err := create()
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func public(t *testing.T, pair nkeys.KeyPair) string {
	t.Helper()
	key, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func credentials(t *testing.T, account, user nkeys.KeyPair) string {
	t.Helper()
	token, err := jwt.NewUserClaims(public(t, user)).Encode(account)
	if err != nil {
		t.Fatal(err)
	}
	seed, err := user.Seed()
	if err != nil {
		t.Fatal(err)
	}
	file, err := jwt.FormatUserConfig(token, seed)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, string(file))
}

// What is wrong in itself is said at the start.
func TestWrongConfigurations(t *testing.T) {
	t.Parallel()
	here := []string{"nats://127.0.0.1:4222"}
	missing := filepath.Join(t.TempDir(), "missing")
	for name, c := range map[string]struct {
		at     queue.External
		reason string
	}{
		"no servers":          {queue.External{}, "at least one URL"},
		"no URL":              {queue.External{URLs: []string{"127.0.0.1:4222"}}, "URL"},
		"another scheme":      {queue.External{URLs: []string{"http://127.0.0.1:4222"}}, "neither with nats:// nor with tls://"},
		"secret in the URL":   {queue.External{URLs: []string{"nats://peyk:" + hunter + "@127.0.0.1:4222"}}, "127.0.0.1:4222 holds a secret"},
		"plain over the wire": {queue.External{URLs: []string{"nats://queue.example:4222"}}, "queue.example:4222 is on another machine"},
		"no such password":    {queue.External{URLs: here, User: "peyk", PasswordFile: missing}, missing},
		"empty password":      {queue.External{URLs: here, User: "peyk", PasswordFile: write(t, "\n")}, "holds none"},
		"user alone":          {queue.External{URLs: here, User: "peyk"}, "needs a password file"},
		"no such credentials": {queue.External{URLs: here, Credentials: missing}, missing},
		"empty credentials":   {queue.External{URLs: here, Credentials: write(t, "none")}, "read the key"},
		"two kinds":           {queue.External{URLs: here, Credentials: missing, PasswordFile: missing}, "which is meant"},
		"no such authority":   {queue.External{URLs: here, CA: missing}, missing},
		"no authority":        {queue.External{URLs: here, CA: write(t, "none")}, "root certificate"},
		"certificate alone":   {queue.External{URLs: here, Cert: missing}, "come together"},
		"no such certificate": {queue.External{URLs: here, Cert: missing, Key: missing}, missing},
		"too many replicas":   {queue.External{URLs: here, Replicas: 7}, "1 to 5"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q, err := queue.Open(t.Context(), queue.Config{External: &c.at, Park: queuetest.NewLot(0).Park, Log: queuetest.Log(t), Now: time.Now})
			if err == nil {
				shut(t, q)
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), c.reason) || strings.Contains(err.Error(), hunter) {
				t.Errorf("refused with %v, want %q in it and no secret", err, c.reason)
			}
		})
	}
	if q, err := queue.Open(t.Context(), queue.Config{
		Dir: t.TempDir(), External: &queue.External{URLs: here}, Park: queuetest.NewLot(0).Park, Log: queuetest.Log(t), Now: time.Now,
	}); err == nil {
		shut(t, q)
		t.Error("opened in a directory and outside")
	}
}
