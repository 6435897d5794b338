package document

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"peyk/internal/provider/engine/render"
)

func TestScratch(t *testing.T) {
	c, err := StartChromium(t.Context())
	if errors.Is(err, ErrNoChromium) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Println(c.Version, c.Cold)
	fonts, err := LoadFonts()
	if err != nil {
		t.Fatal(err)
	}
	r, _ := render.New()
	for name, d := range map[string]render.Document{"games": Games(), "sales": Sales(2000)} {
		h := HTML(d, fonts)
		os.WriteFile("/root/leadtmp/chrome-"+name+".html", []byte(h), 0o600)
		for range 3 {
			b := time.Now()
			u0, _ := c.usage()
			p, err := c.PDF(h)
			u, _ := c.usage()
			fmt.Println(name, len(h), len(p), err, time.Since(b), u.CPU-u0.CPU, u.MaxRSS>>20)
			os.WriteFile("/root/leadtmp/chrome-"+name+".pdf", p, 0o600)
		}
		o, _ := r.PDF(d)
		os.WriteFile("/root/leadtmp/ours-"+name+".pdf", o.Bytes, 0o600)
	}
}
