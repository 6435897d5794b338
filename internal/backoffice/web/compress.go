package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync"
)

// Pages are compressed where the browser takes it. An attacker who makes a
// person's browser ask for pages with guesses in the address, and sees how long
// the answers are on the wire, could tell guesses that meet a secret of the page
// (BREACH, 2013). There is no secret to meet: the sign-in lives in a cookie and
// is in no page, forms are guarded by where they come from and hold no token
// (net/http.CrossOriginProtection). What remains is what a page tells of
// reports beside a search that is reflected: so a page that reflects one is
// compressed only for a request of our own pages, which no other site can make
// look so (Fetch Metadata, Sec-Fetch-Site). A form of another site is refused
// before its fields are read.

// least is the page from which compressing pays: smaller fits in one packet.
const least = 1400

// compressible reports whether the answer to r may be compressed.
func compressible(r *http.Request, size int) bool {
	if size < least || !takesGzip(r.Header.Get("Accept-Encoding")) {
		return false
	}
	if r.URL.RawQuery == "" {
		return true
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "same-origin" || site == "none"
}

// takesGzip reads Accept-Encoding (RFC 9110, section 12.5.3).
func takesGzip(accept string) bool {
	for _, coding := range strings.Split(accept, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(coding), ";")
		q = strings.TrimRight(strings.ReplaceAll(q, " ", ""), "0.")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") && q != "q=" {
			return true
		}
	}
	return false
}

// packers are kept: a new one costs as much as a page.
type packers struct{ pool sync.Pool }

// pack compresses a page.
func (p *packers) pack(w io.Writer, page []byte) error {
	z, ok := p.pool.Get().(*gzip.Writer)
	if !ok {
		z = gzip.NewWriter(nil)
	}
	defer p.pool.Put(z)
	z.Reset(w)
	if _, err := z.Write(page); err != nil {
		return err
	}
	return z.Close()
}
