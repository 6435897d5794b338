package mail

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxAttached is how many bytes the attachments of one letter may have on
// the wire, base64 and line breaks included. With texts and headers the
// message stays below the 10,240,000 bytes a relay takes by default.
const MaxAttached = 10_000_000

// base64Line is the longest encoded line RFC 2045 section 6.8 allows.
const base64Line = 76

// encodedSize is what n bytes become in base64 with a CRLF after each line.
func encodedSize(n int64) int64 {
	encoded := (n + 2) / 3 * 4
	lines := (encoded + base64Line - 1) / base64Line
	return encoded + 2*lines
}

// attachments describes the files as attachments, or none of them if all
// together are too large: half an answer would look like a whole one.
func attachments(files []File) []Attachment {
	var total int64
	attached := make([]Attachment, 0, len(files))
	for _, f := range files {
		total += encodedSize(f.Size)
		attached = append(attached, describe(f))
	}
	if total > MaxAttached || len(files) == 0 {
		return nil
	}
	return attached
}

// describe writes the part's header. The name goes out twice: in RFC 2231
// form, which is the standard, and as an encoded word in Content-Type, which
// is what older clients look at.
func describe(f File) Attachment {
	name := safeFileName(f.Name)
	return Attachment{
		Key: f.Key, Name: name, Size: f.Size, SHA256: f.SHA256,
		Header: []Field{
			{"Content-Type", safeMediaType(f.MediaType) + charset(f.MediaType) + typeName(name)},
			{"Content-Transfer-Encoding", "base64"},
			{"Content-Disposition", "attachment" + parameter("filename", name)},
		},
	}
}

// charset is the parameter of text: without it a mail reader takes text for
// US-ASCII (RFC 2046 section 4.1.2).
func charset(mediaType string) string {
	if strings.HasPrefix(safeMediaType(mediaType), "text/") {
		return "; charset=utf-8"
	}
	return ""
}

// typeName is the name parameter of Content-Type.
func typeName(name string) string {
	if plain(name) {
		return parameter("name", name)
	}
	words, _ := encodedWords(name, len(` name="`))
	return ";\r\n name=\"" + words + `"`
}

// maxFileName is how many characters of a file name are kept, the extension
// among them.
const maxFileName = 120

// safeFileName makes a plain file name out of what another company calls its
// file: no directories, no control characters, no quotes, not hidden, not
// endless.
func safeFileName(name string) string {
	name = strings.ReplaceAll(clean(name), `\`, "/")
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`"<>:|?*;`, r) {
			return '_'
		}
		return r
	}, path.Base(name))
	name = strings.TrimLeftFunc(strings.TrimSpace(name), func(r rune) bool { return r == '.' || unicode.IsSpace(r) })
	if name == "" || name == "/" {
		return "report"
	}
	return shorten(name)
}

func shorten(name string) string {
	if utf8.RuneCountInString(name) <= maxFileName {
		return name
	}
	ext := path.Ext(name)
	if utf8.RuneCountInString(ext) > 10 {
		ext = ""
	}
	runes := []rune(name)
	return string(runes[:maxFileName-utf8.RuneCountInString(ext)]) + ext
}

// safeMediaType lets the formats through that Peyk delivers; anything else
// is bytes, whatever its sender called it.
func safeMediaType(declared string) string {
	base, _, _ := strings.Cut(declared, ";")
	switch base = strings.ToLower(strings.TrimSpace(base)); base {
	case "application/pdf", "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
		return base
	default:
		return "application/octet-stream"
	}
}
