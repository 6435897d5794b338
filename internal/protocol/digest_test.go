package protocol

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"pgregory.net/rapid"
)

// rfcDigest is the example of RFC 9530, appendix B.1: the digest of the JSON
// text {"hello": "world"} and a line feed.
const (
	rfcContent = "{\"hello\": \"world\"}\n"
	rfcDigest  = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
)

func TestReprDigestOfTheRFC(t *testing.T) {
	t.Parallel()
	got, err := ParseReprDigest(rfcDigest)
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256([]byte(rfcContent)); got != hex.EncodeToString(sum[:]) {
		t.Errorf("read %s, computed %x", got, sum)
	}
	if back, err := FormatReprDigest(got); err != nil || back != rfcDigest {
		t.Errorf("%s was read as %s and written as %s, %v", rfcDigest, got, back, err)
	}
}

func TestReprDigestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sum := hex.EncodeToString(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "sum"))
		header, err := FormatReprDigest(sum)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseReprDigest("md5=:AAAA:, " + header + ";q=1")
		if err != nil || got != sum {
			t.Fatalf("%s came back as %s, %v", sum, got, err)
		}
	})
}

func TestParseReprDigest(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"":                     "",
		"sha-512=:AAAA:":       "",
		"sha-256":              "error",
		"sha-256=abc":          "error",
		"sha-256=::":           "error",
		"sha-256=:AAAA:":       "error", // too short
		"sha-256=:****:":       "error",
		"=:AAAA:":              "error",
		rfcDigest + ",":        "error",
		rfcDigest + ", md5=:0": mustParse(t, rfcDigest),
	} {
		got, err := ParseReprDigest(header)
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("ParseReprDigest(%q) = %q, want %q", header, got, want)
		}
	}
	if _, err := FormatReprDigest("zz"); err == nil {
		t.Error("FormatReprDigest writes a digest of no digest")
	}
}

func mustParse(t *testing.T, header string) string {
	t.Helper()
	got, err := ParseReprDigest(header)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func FuzzParseReprDigest(f *testing.F) {
	f.Add(rfcDigest)
	f.Add("sha-256=:AAAA:;a=b, md5=:0:")
	f.Fuzz(func(t *testing.T, header string) {
		sum, err := ParseReprDigest(header)
		if err != nil || sum == "" {
			return
		}
		if _, err := FormatReprDigest(sum); err != nil {
			t.Errorf("ParseReprDigest(%q) gives %q, which is no digest: %v", header, sum, err)
		}
	})
}
