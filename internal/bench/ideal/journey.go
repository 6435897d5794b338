package ideal

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"peyk/internal/protocol"
)

// Where the letters go from and to.
const (
	sender    = "peyk@localhost.localdomain"
	recipient = "admin@localhost.localdomain"
)

// job is what the two sides tell each other about a report.
type job struct {
	GUID   string `json:"guid"`
	State  string `json:"state"`
	SHA256 string `json:"sha256,omitempty"`
	Size   int64  `json:"size,omitempty"`
	Filler []byte `json:"filler,omitempty"` // so that bodies are as long as Peyk's
}

// move commits one step of a journey.
func (c *Company) move(guid string, commit int, more ...step) error {
	if journaled[commit] > 0 {
		more = append(more, entry(guid, commit))
	}
	return c.store.commit(append(more, at(guid, commit))...)
}

// journey is all that follows the 202.
func (c *Company) journey(in asked) error {
	if err := c.move(in.GUID, 2); err != nil {
		return err
	}
	if err := c.call(http.MethodPost, "/reports", job{GUID: in.GUID, Filler: filler(300)}, nil); err != nil {
		return err
	}
	if err := c.move(in.GUID, 3); err != nil {
		return err
	}
	<-c.hooked(in.GUID)
	c.mu.Lock()
	delete(c.told, in.GUID)
	c.mu.Unlock()
	if err := c.fetch(in.GUID); err != nil {
		return err
	}
	if err := c.announce(in.GUID); err != nil {
		return err
	}
	if err := c.move(in.GUID, 12); err != nil {
		return err
	}
	if err := c.call(http.MethodDelete, "/reports/"+in.GUID, nil, nil); err != nil {
		return err
	}
	return c.move(in.GUID, 13)
}

// fetch looks, gets the document, checks it and keeps it.
func (c *Company) fetch(guid string) error {
	if err := c.move(guid, 5); err != nil {
		return err
	}
	var now job
	if err := c.call(http.MethodGet, "/reports/"+guid, nil, &now); err != nil {
		return err
	}
	if err := c.move(guid, 6); err != nil {
		return err
	}
	var document []byte
	if err := c.call(http.MethodGet, "/files/"+guid, nil, &document); err != nil {
		return err
	}
	sum, err := put(c.dir, guid, document)
	if err != nil {
		return err
	}
	c.puts.Add(1)
	if sum != now.SHA256 || int64(len(document)) != now.Size {
		return fmt.Errorf("the document of %s is not the one declared", guid)
	}
	return c.move(guid, 7)
}

// announce writes the letter down and sends it.
func (c *Company) announce(guid string) error {
	if err := c.move(guid, 8); err != nil {
		return err
	}
	document, err := os.ReadFile(filepath.Join(c.dir, guid))
	if err != nil {
		return err
	}
	row := []byte(digest(document))
	row = append(row, filler(letterSize-len(row))...)
	if err := c.move(guid, 9, step{"INSERT INTO letters (guid, sent, body) VALUES (?, 0, ?)", []any{guid, row}}); err != nil {
		return err
	}
	err = c.relay.send(sender, recipient, letter(guid, document), func() error {
		return c.move(guid, 10, step{"UPDATE letters SET sent = 1 WHERE guid = ?", []any{guid}})
	})
	if err != nil {
		return err
	}
	return c.move(guid, 11, step{"UPDATE letters SET sent = 2 WHERE guid = ?", []any{guid}})
}

// letter is a message as long as Peyk's, with the document attached.
func letter(guid string, document []byte) []byte {
	const lines = 78 // of text, as many bytes as Peyk's two alternatives
	var b bytes.Buffer
	b.Grow(8 << 10)
	fmt.Fprintf(&b, "From: <%s>\r\nTo: <%s>\r\nSubject: Your report is ready\r\nMessage-ID: <%s@localhost>\r\nX-Peyk-Request: %s\r\n\r\n", sender, recipient, guid, guid)
	for range lines {
		b.WriteString("........................................................................\r\n")
	}
	b.WriteString(base64.StdEncoding.EncodeToString(document))
	b.WriteString("\r\n")
	return b.Bytes()
}

// call makes one HTTP call to the provider. out takes the answer: raw bytes into
// a *[]byte, else JSON.
func (c *Company) call(method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, c.provider.URL+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Content-Type", protocol.MediaJSON)
	c.calls.Add(1)
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	switch {
	case err != nil || resp.StatusCode >= 300:
		return errors.Join(err, fmt.Errorf("%s %s: %s", method, path, resp.Status))
	case out == nil:
		return nil
	}
	if document, ok := out.(*[]byte); ok {
		*document = raw
		return nil
	}
	return json.Unmarshal(raw, out)
}
