package render

import (
	"strings"
	"unicode/utf8"
)

// hair is what rounding may add to a width that fits exactly, in points.
const hair = 0.01

// wrap breaks text into lines no wider than width: at spaces, and inside a
// word only where the word alone is too wide. There is at least one line.
func (s style) wrap(text string, width float64) []string {
	text = strings.ReplaceAll(strings.Trim(text, " "), " – ", "\u00a0– ") // no line begins with a dash
	if s.width(text) <= width+hair {
		return []string{text}
	}
	var lines []string
	line := ""
	for _, word := range strings.FieldsFunc(text, isSpace) {
		longer := line + " " + word
		if line == "" {
			longer = word
		}
		if s.width(longer) <= width+hair {
			line = longer
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		var full []string
		full, line = s.chop(word, width)
		lines = append(lines, full...)
	}
	return append(lines, line)
}

// chop cuts what is wider than width into full lines and a rest. A line has
// at least one letter, however narrow the column.
func (s style) chop(word string, width float64) (full []string, rest string) {
	start, w := 0, 0.0
	for i, r := range word {
		letter := s.width(string(r))
		if i > start && w+letter > width+hair {
			full = append(full, word[start:i])
			start, w = i, 0
		}
		w += letter
	}
	return full, word[start:]
}

// fit shortens text to width, with an ellipsis. Only for what is said in full
// elsewhere.
func (s style) fit(text string, width float64) string {
	if s.width(text) <= width+hair {
		return text
	}
	for text != "" && s.width(text+"…") > width+hair {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return strings.TrimRight(text, " ") + "…"
}

// shorten wraps text to at most so many lines; the last one ends in an
// ellipsis where more would follow.
func (s style) shorten(text string, width float64, most int) []string {
	lines := s.wrap(text, width)
	if len(lines) <= most {
		return lines
	}
	last := s.fit(lines[most-1]+" "+lines[most], width)
	return append(lines[:most-1:most-1], last)
}

// isSpace is where a line may break: a non-breaking space is none.
func isSpace(r rune) bool { return r == ' ' }

// longestWord of text, in points: the narrowest a column of it gets without
// cutting words.
func (s style) longestWord(text string) float64 {
	longest := 0.0
	for _, word := range strings.FieldsFunc(text, isSpace) {
		longest = max(longest, s.width(word))
	}
	return longest
}
