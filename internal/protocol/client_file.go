package protocol

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// FileRequest names the bytes wanted.
type FileRequest struct {
	GUID       string
	Name       string
	Generation int
	Offset     int64  // first byte wanted; more than 0 only with IfRange
	IfRange    string // the strong ETag under which the bytes before Offset came
	Limit      int64  // the size the operation declares: a byte more is a lie
}

// FileBody is a file on its way. The caller closes Body and compares size and
// digest of the whole with what the operation declares: nothing here does.
type FileBody struct {
	Body      io.ReadCloser // fails with class lying when it would exceed FileRequest.Limit
	Offset    int64         // of the first byte of Body: 0 if the provider ignored the range or the file is another one
	Size      int64         // of the whole file; -1 if not told
	ETag      string        // strong, or empty
	SHA256    string        // of the whole file by Repr-Digest, hex; empty if not told
	MediaType string
}

// File opens a file, from Offset on if the provider still has the same bytes.
func (c *Client) File(ctx context.Context, f FileRequest) (*FileBody, error) {
	act := fmt.Sprintf("fetch %s of report %s generation %d", f.Name, f.GUID, f.Generation)
	u := c.files.JoinPath("v1", "reports", f.GUID, "files", f.Name)
	u.RawQuery = url.Values{"generation": {strconv.Itoa(f.Generation)}}.Encode()
	req, err := c.request(ctx, http.MethodGet, u, f.GUID, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "*/*")
	want := []int{http.StatusOK}
	if f.Offset > 0 && strong(f.IfRange) {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", f.Offset))
		req.Header.Set("If-Range", f.IfRange)
		want = append(want, http.StatusPartialContent)
	}
	resp, err := c.send(req, act, want...)
	if err != nil {
		return nil, err
	}
	body, err := openFile(resp, f, act)
	if err != nil {
		resp.Body.Close()
		return nil, err
	}
	return body, nil
}

// openFile judges the headers of a 200 or 206.
func openFile(resp *http.Response, f FileRequest, act string) (*FileBody, error) {
	b := &FileBody{Size: resp.ContentLength, MediaType: mediaType(resp.Header), ETag: resp.Header.Get("ETag")}
	if b.ETag != "" && !strong(b.ETag) {
		return nil, lie(act, fmt.Sprintf("ETag %.60q is not strong", b.ETag))
	}
	var err error
	if b.SHA256, err = ParseReprDigest(resp.Header.Get(HeaderReprDigest)); err != nil {
		return nil, lie(act, err.Error())
	}
	if resp.StatusCode == http.StatusPartialContent {
		if b.ETag != f.IfRange {
			return nil, lie(act, fmt.Sprintf("206 of another file: ETag %.80q, had %.80q", b.ETag, f.IfRange))
		}
		if b.Size, err = parseContentRange(resp.Header.Get("Content-Range"), f.Offset); err != nil {
			return nil, lie(act, err.Error())
		}
		b.Offset = f.Offset
	}
	if b.Size > f.Limit {
		return nil, lie(act, fmt.Sprintf("file has %d bytes, the operation declares %d", b.Size, f.Limit))
	}
	b.Body = &limited{ReadCloser: resp.Body, left: f.Limit - b.Offset, act: act}
	return b, nil
}

// strong reports whether s is a strong entity tag (RFC 9110, 8.8.3).
func strong(s string) bool {
	return len(s) > 2 && s[0] == '"' && s[len(s)-1] == '"' && !strings.ContainsAny(s[1:len(s)-1], "\" \r\n")
}

// parseContentRange wants "bytes first-last/size" from the offset asked for to
// the end (RFC 9110, 14.4) and returns the size.
func parseContentRange(s string, offset int64) (int64, error) {
	var first, last, size int64
	n, err := fmt.Sscanf(s, "bytes %d-%d/%d", &first, &last, &size)
	if err != nil || n != 3 || s != fmt.Sprintf("bytes %d-%d/%d", first, last, size) {
		return 0, fmt.Errorf("206 with Content-Range %.80q", s)
	}
	if first != offset || last != size-1 {
		return 0, fmt.Errorf("206 with Content-Range %.80q, asked for everything from byte %d", s, offset)
	}
	return size, nil
}

// limited reads a body that must end within a number of bytes.
type limited struct {
	io.ReadCloser
	left int64
	act  string
}

// Read reads one byte more than allowed at most, to tell a body that is over
// from one that goes on.
func (l *limited) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.ReadCloser.Read(p)
	if int64(n) > l.left {
		n, l.left = int(l.left), 0
		return n, lie(l.act, "file is longer than the operation declares")
	}
	l.left -= int64(n)
	return n, err
}
