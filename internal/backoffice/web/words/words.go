// Package words says things to people in their language: texts, numbers, dates
// and spans of time, in Turkish and English.
//
// Promise: the same id says the same in both languages, with the right plural,
// and no text in Turkish hangs a suffix on a name or number. Days and hours are
// those of the reader's time zone.
//
// Limits: two languages; anything but Turkish is English. Texts are read once,
// from files built into the program.
//
// Failure: an unknown language or time zone falls back to English and UTC. A
// text that is not there shows its id, so that it is noticed; a test looks for
// each id that is used.
package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

//go:embed en.json tr.json
var files embed.FS

// Book holds every text in every language.
type Book struct {
	bundle *i18n.Bundle
}

// Open reads the built-in texts.
func Open() (*Book, error) {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	for _, name := range []string{"en.json", "tr.json"} {
		if _, err := bundle.LoadMessageFileFS(files, name); err != nil {
			return nil, fmt.Errorf("read texts %s: %w", name, err)
		}
	}
	return &Book{bundle: bundle}, nil
}

// Words speaks one language to one reader, at one moment.
type Words struct {
	Locale string // tr or en

	texts  *i18n.Localizer
	digits *message.Printer
	zone   *time.Location
	now    time.Time
}

// For gives the words of a reader: a language tag, an IANA time zone, and the
// moment that today and yesterday are seen from.
func (b *Book) For(locale, zone string, now time.Time) *Words {
	tag := language.English
	if base, _ := language.Make(locale).Base(); base.String() == "tr" {
		tag = language.Turkish
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	return &Words{
		Locale: tag.String(),
		texts:  i18n.NewLocalizer(b.bundle, tag.String()),
		digits: message.NewPrinter(tag),
		zone:   loc,
		now:    now.In(loc),
	}
}

// At speaks to the same reader at another moment.
func (w *Words) At(now time.Time) *Words {
	later := *w
	later.now = now.In(w.zone)
	return &later
}

// Prefer picks the language of an Accept-Language header (RFC 9110, 12.5.4).
func Prefer(acceptLanguage string) string {
	matcher := language.NewMatcher([]language.Tag{language.English, language.Turkish})
	tags, _, _ := language.ParseAcceptLanguage(acceptLanguage) // unreadable: no wish
	tag, _, _ := matcher.Match(tags...)
	if base, _ := tag.Base(); base.String() == "tr" {
		return "tr"
	}
	return "en"
}

// Say gives a text; with is pairs of a hole's name and what fills it.
func (w *Words) Say(id string, with ...any) string {
	return w.localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: holes(with)})
}

// Count gives a text whose form depends on n; the hole Count is n in digits.
func (w *Words) Count(id string, n int, with ...any) string {
	data := holes(with)
	data["Count"] = w.Number(int64(n))
	return w.localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: data, PluralCount: strconv.Itoa(n)})
}

// Has reports whether there is such a text.
func (w *Words) Has(id string) bool {
	_, err := w.texts.Localize(&i18n.LocalizeConfig{MessageID: id})
	return err == nil
}

func (w *Words) localize(c *i18n.LocalizeConfig) string {
	text, err := w.texts.Localize(c)
	if err != nil && text == "" {
		return c.MessageID
	}
	return text
}

func holes(with []any) map[string]any {
	data := make(map[string]any, len(with)/2+1)
	for i := 0; i+1 < len(with); i += 2 {
		data[fmt.Sprint(with[i])] = with[i+1]
	}
	return data
}

// Number writes digits with the language's grouping: 1.234 or 1,234.
func (w *Words) Number(n int64) string { return w.digits.Sprint(number.Decimal(n)) }

// Decimal writes n with at most so many digits after the point.
func (w *Words) Decimal(n float64, digits int) string {
	return w.digits.Sprint(number.Decimal(n, number.MaxFractionDigits(digits)))
}

// Size writes bytes in the unit people expect of a file.
func (w *Words) Size(bytes int64) string {
	switch {
	case bytes >= 999_500: // rounds to 1 MB
		return w.Decimal(float64(bytes)/1_000_000, 1) + " MB"
	case bytes >= 1_000:
		return w.Number((bytes+500)/1_000) + " KB"
	}
	return w.Number(bytes) + " B"
}
