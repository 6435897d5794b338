package newreport

import (
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"peyk/internal/backoffice/web/form"
	"peyk/internal/protocol"
)

// faulty ties a control to the sentence about what is wrong with it.
func faulty(problem, key string) templ.Attributes {
	if problem == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": "problem-" + key}
}

func limits(x form.Field) templ.Attributes {
	a := templ.Attributes{}
	for name, value := range map[string]string{"min": x.Min, "max": x.Max} {
		if value != "" {
			a[name] = value
		}
	}
	if x.MaxLength > 0 && x.Type == protocol.Text {
		a["maxlength"] = strconv.Itoa(x.MaxLength)
	}
	if x.Required {
		a["required"] = true
	}
	for name, value := range faulty(x.Problem, x.Key) {
		a[name] = value
	}
	return a
}

func pristine(r Form) templ.Attributes {
	if !r.Pristine {
		return nil
	}
	return templ.Attributes{"data-pristine": ""}
}

// sentence draws the parts one right after another: a template would put spaces
// between them, before a comma too.
func sentence(parts []Part) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		for _, p := range parts {
			text := templ.EscapeString(p.Text)
			if p.Value {
				text = "<strong>" + text + "</strong>"
			}
			b.WriteString(text)
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}
