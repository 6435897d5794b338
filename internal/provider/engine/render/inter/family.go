package inter

import (
	"bytes"
	"compress/zlib"
	"embed"
	"encoding/json"
	"fmt"
)

//go:embed *.ttf *.json
var files embed.FS

// Weight of a face.
type Weight string

// The weights there are.
const (
	Regular  Weight = "regular"
	Medium   Weight = "medium"
	SemiBold Weight = "semibold"
)

// Family is all faces, loaded. It does not change and is safe for concurrent
// use.
type Family struct{ faces map[Weight]*Face }

// Face is one weight.
type Face struct {
	Core, Rest *Set
	places     map[rune]place
	ascii      [128]place
}

// Set is a font file with at most 224 characters, each named by one byte.
type Set struct {
	Family     string // name for the PDF writer
	Definition []byte // the PDF writer's JSON: metrics and encoding
	Compressed []byte // the TrueType file, deflated
}

// place of a character: its set, its byte there and its width in 1/1000 em.
type place struct {
	set   *Set
	code  byte
	width int
}

// Load reads the embedded files.
func Load() (*Family, error) {
	f := &Family{faces: map[Weight]*Face{}}
	for _, w := range []Weight{Regular, Medium, SemiBold} {
		face := &Face{places: map[rune]place{}}
		var err error
		if face.Core, err = face.load(w, "core"); err != nil {
			return nil, err
		}
		if face.Rest, err = face.load(w, "rest"); err != nil {
			return nil, err
		}
		face.fillASCII()
		f.faces[w] = face
	}
	return f, nil
}

// Face of that weight.
func (f *Family) Face(w Weight) *Face { return f.faces[w] }

func (f *Face) load(w Weight, letters string) (*Set, error) {
	name := "inter-" + string(w) + "-" + letters
	font, err := files.ReadFile(name + ".ttf")
	if err != nil {
		return nil, fmt.Errorf("load font: %w", err)
	}
	metrics, err := files.ReadFile(name + ".json")
	if err != nil {
		return nil, fmt.Errorf("load font: %w", err)
	}
	var m map[string]json.RawMessage
	var codes struct {
		Runes []rune
		Cw    []int
	}
	if err := json.Unmarshal(metrics, &codes); err != nil {
		return nil, fmt.Errorf("load font %s: %w", name, err)
	}
	if err := json.Unmarshal(metrics, &m); err != nil {
		return nil, fmt.Errorf("load font %s: %w", name, err)
	}
	set := &Set{Family: name}
	for i, r := range codes.Runes {
		code := byte(firstCode + i) // a set has at most 224 characters; make.py sees to it
		f.places[r] = place{set, code, codes.Cw[code]}
	}
	return set, set.pack(m, font)
}

// firstCode is the byte of a set's first character.
const firstCode = 32

// pack makes what the PDF writer wants to have, once for all documents.
func (s *Set) pack(metrics map[string]json.RawMessage, font []byte) error {
	delete(metrics, "Runes")
	metrics["OriginalSize"] = json.RawMessage(fmt.Sprint(len(font)))
	var err error
	if s.Definition, err = json.Marshal(metrics); err != nil {
		return fmt.Errorf("load font %s: %w", s.Family, err)
	}
	var b bytes.Buffer
	z, err := zlib.NewWriterLevel(&b, zlib.BestCompression)
	if err != nil {
		return fmt.Errorf("load font %s: %w", s.Family, err)
	}
	if _, err := z.Write(font); err != nil {
		return fmt.Errorf("load font %s: %w", s.Family, err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("load font %s: %w", s.Family, err)
	}
	s.Compressed = b.Bytes()
	return nil
}

// fillASCII makes the common letters an array: every cell of a table is
// measured, letter by letter.
func (f *Face) fillASCII() {
	for r := range f.ascii {
		f.ascii[r] = f.find(rune(r))
	}
}
