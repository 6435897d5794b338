package protocol

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

const someGUID = "0198c1de-7a3b-7c54-9a0e-2f6d8b1c4e5f"

func TestCheckGUID(t *testing.T) {
	t.Parallel()
	if err := CheckGUID(someGUID); err != nil {
		t.Error(err)
	}
	for _, s := range []string{
		"", "x", strings.ToUpper(someGUID), "{" + someGUID + "}", "urn:uuid:" + someGUID,
		strings.ReplaceAll(someGUID, "-", ""), someGUID[:35], someGUID + "0", "../../../etc/passwd-0000-0000-000000",
		strings.Repeat("g", 8) + someGUID[8:],
	} {
		if CheckGUID(s) == nil {
			t.Errorf("CheckGUID(%q) lets it through", s)
		}
	}
}

func TestIdempotencyKeyRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "guid")).String()
		n := rapid.IntRange(1, MaxGeneration).Draw(t, "generation")
		guid, generation, err := ParseIdempotencyKey(IdempotencyKey(id, n))
		if err != nil || guid != id || generation != n {
			t.Fatalf("%s.%d came back as %s.%d, %v", id, n, guid, generation, err)
		}
	})
}

func TestParseIdempotencyKeyRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", `""`, someGUID, someGUID + ".1", `"` + someGUID + `"`, `"` + someGUID + `.0"`, `"` + someGUID + `.01"`,
		`"` + someGUID + `.+1"`, `"` + someGUID + `.1048577"`, `"` + someGUID + `.1`, `"` + someGUID + `.1" `,
		`"` + strings.ToUpper(someGUID) + `.1"`, `"` + someGUID + `.1";a=b`,
	} {
		if _, _, err := ParseIdempotencyKey(s); err == nil {
			t.Errorf("ParseIdempotencyKey(%q) lets it through", s)
		}
	}
}

func TestCheckFileName(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"a", "top-games_2025.v1.pdf", "9.csv", strings.Repeat("a", 100)} {
		if err := CheckFileName(s); err != nil {
			t.Error(err)
		}
	}
	for _, s := range []string{
		"", ".", "..", "../x", "a/b", `a\b`, ".hidden", "-rf", "a b", "a\r\nSet-Cookie: x", "rapor.pdf\x00", "satış.pdf",
		strings.Repeat("a", 101), strings.Repeat("a", 4096),
	} {
		if CheckFileName(s) == nil {
			t.Errorf("CheckFileName(%.40q) lets it through", s)
		}
	}
}
