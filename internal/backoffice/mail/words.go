package mail

import (
	"embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

//go:embed locales/*.json
var locales embed.FS

// loadLocales reads the texts of every language.
func loadLocales() (*i18n.Bundle, error) {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	for _, path := range []string{"locales/en.json", "locales/tr.json"} {
		if _, err := bundle.LoadMessageFileFS(locales, path); err != nil {
			return nil, fmt.Errorf("load mail texts %s: %w", path, err)
		}
	}
	return bundle, nil
}

// words says things in one language. The first failure is kept in err and
// looked at once at the end, so that sentences read as sentences here.
type words struct {
	tag   language.Tag
	texts *i18n.Localizer
	nums  *message.Printer
	zone  *time.Location
	err   error
}

func newWords(bundle *i18n.Bundle, locale string, zone *time.Location) *words {
	tag := language.English
	if base, _ := language.Make(locale).Base(); base.String() == "tr" {
		tag = language.Turkish
	}
	return &words{
		tag:   tag,
		texts: i18n.NewLocalizer(bundle, tag.String()),
		nums:  message.NewPrinter(tag),
		zone:  zone,
	}
}

// args fill the holes of a text.
type args map[string]any

func (w *words) say(id string, with args) string {
	return w.localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: map[string]any(with)})
}

// count says a text whose form depends on n; {{.Count}} is n in figures.
func (w *words) count(id string, n int64, with args) string {
	data := map[string]any{"Count": w.figures(n)}
	for k, v := range with {
		data[k] = v
	}
	return w.localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: data, PluralCount: strconv.FormatInt(n, 10)})
}

func (w *words) localize(c *i18n.LocalizeConfig) string {
	text, err := w.texts.Localize(c)
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("say %s in %s: %w", c.MessageID, w.tag, err)
	}
	return text
}

// figures writes a number with the language's grouping: 1.234 or 1,234.
func (w *words) figures(n int64) string { return w.nums.Sprint(number.Decimal(n)) }

// date writes a day as "23 Aralık 2026", in the reader's time zone.
func (w *words) date(t time.Time) string {
	t = t.In(w.zone)
	return w.say("date", args{"Day": t.Day(), "Month": w.say("month."+strconv.Itoa(int(t.Month())), nil), "Year": t.Year()})
}

// moment writes a day and the time of day, in the reader's time zone. It is
// never "today": a letter may be read tomorrow.
func (w *words) moment(t time.Time) string {
	return w.say("moment", args{"Date": w.date(t), "Time": t.In(w.zone).Format("15:04")})
}

// size writes a number of bytes as people see it beside a file: 412 KB,
// 1,2 MB, on one line. One KB is 1,024 bytes.
func (w *words) size(n int64) string {
	const kb, mb = 1 << 10, 1 << 20
	switch {
	case n < kb:
		return w.count("size.bytes", n, nil)
	case n < mb:
		return w.figures((n+kb/2)/kb) + "\u00a0KB"
	}
	return w.nums.Sprint(number.Decimal(float64(n)/mb, number.MaxFractionDigits(1))) + "\u00a0MB"
}

// list joins words as a person lists them: "PDF, CSV ve Excel".
func (w *words) list(items []string) string {
	if len(items) == 0 {
		return ""
	}
	last := len(items) - 1
	if last == 0 {
		return items[0]
	}
	return w.say("and", args{"First": strings.Join(items[:last], ", "), "Last": items[last]})
}
