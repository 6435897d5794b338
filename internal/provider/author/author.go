package author

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/provider/engine"
)

// File is a report file with what it reads.
type File struct {
	Path    string
	Sources []string // sources files; none: sources.yaml beside Path or in the folder above
}

// open the file alone, as an engine with one report type.
func (f File) open(ctx context.Context) (*engine.Engine, string, error) {
	sources := f.Sources
	if len(sources) == 0 {
		sources = f.nearby()
	}
	e, err := engine.Open(ctx, engine.Config{ReportFiles: []string{f.Path}, SourceFiles: sources})
	if err != nil {
		return nil, "", err
	}
	return e, e.Catalog().Types[0].ID, nil
}

// nearby is the sources file an author would expect.
func (f File) nearby() []string {
	dir := filepath.Dir(f.Path)
	for _, path := range []string{filepath.Join(dir, "sources.yaml"), filepath.Join(dir, "..", "sources.yaml")} {
		if _, err := os.Stat(path); err == nil {
			return []string{path}
		}
	}
	return nil
}

// Check reads the file and runs its queries over no rows.
func (f File) Check(ctx context.Context) (id string, err error) {
	e, id, err := f.open(ctx)
	if err != nil {
		return "", err
	}
	return id, errors.Join(e.Check(ctx, id), e.Close())
}

// Question is what a preview asks.
type Question struct {
	Parameters map[string]string // dates as 2025-12-31, periods as FIRST..LAST or the name of a preset
	Locale     string
	Formats    []string // none: the first of the file
	Now        time.Time
	Progress   engine.Progress
}

// previewGUID stands where a request's would: a preview is none.
const previewGUID = "00000000-0000-7000-8000-000000000000"

// Preview makes the documents.
func (f File) Preview(ctx context.Context, q Question) (_ []engine.Document, err error) {
	e, id, err := f.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	parameters, err := resolve(e.Catalog().Types[0], q.Parameters, q.Now)
	if err != nil {
		return nil, err
	}
	zone := q.Now.Location().String()
	if zone == "Local" {
		zone = "UTC"
	}
	result, err := e.Run(ctx, engine.Job{
		GUID: previewGUID, Generation: 1, Type: id, Parameters: parameters, Locale: q.Locale, TimeZone: zone,
		RequestedBy: map[string]string{"tr": "Ön izleme", "en": "Preview"}[q.Locale],
		RequestedAt: q.Now, AsOf: q.Now, Formats: q.Formats,
	}, q.Progress)
	return result.Documents, err
}

// resolve makes JSON values of what was typed, presets into dates.
func resolve(kind engine.ReportType, typed map[string]string, now time.Time) (map[string]json.RawMessage, error) {
	values := make(map[string]json.RawMessage, len(typed))
	for name, text := range typed { // one that is no parameter is refused by the engine
		values[name] = valueOf(protocol.Text, text, now)
	}
	for _, p := range kind.Parameters {
		text, given := typed[p.Name]
		if !given && len(p.Presets) > 0 && p.Default != nil {
			if err := json.Unmarshal(p.Default, &text); err != nil {
				return nil, fmt.Errorf("default of %s: %w", p.Name, err)
			}
			given = true
		}
		if given {
			values[p.Name] = valueOf(protocol.ParameterType(p.Type), text, now)
		}
	}
	return values, nil
}

// valueOf is text as JSON of a type. What does not fit stays text, and is
// refused by who knows the limits.
func valueOf(kind protocol.ParameterType, text string, now time.Time) json.RawMessage {
	var v any = text
	from, to, preset := protocol.Period(text, now)
	switch kind {
	case protocol.Integer, protocol.Number:
		if _, err := strconv.ParseFloat(text, 64); err == nil {
			v = json.Number(text)
		}
	case protocol.Boolean:
		if b, err := strconv.ParseBool(text); err == nil {
			v = b
		}
	case protocol.Date:
		if preset {
			v = from.Format(time.DateOnly)
		}
	case protocol.DateRange:
		if first, last, ok := strings.Cut(text, ".."); ok {
			if day, err := time.Parse(time.DateOnly, last); err == nil {
				last = day.AddDate(0, 0, 1).Format(time.DateOnly)
			}
			v = protocol.DateRangeValue{From: first, To: last}
		} else if preset {
			v = protocol.DateRangeValue{From: from.Format(time.DateOnly), To: to.Format(time.DateOnly)}
		}
	}
	raw, err := json.Marshal(v)
	if err != nil { // a number no JSON has, as 0x10
		raw, _ = json.Marshal(text) //nolint:errcheck // a string always marshals
	}
	return raw
}
