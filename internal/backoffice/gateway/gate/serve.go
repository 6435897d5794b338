package gate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Serve is the child's side: it judges the documents that come on stdin and
// answers on stdout, until stdin ends. It first lays limits upon the whole
// process, so it must be the only thing the process does.
func Serve(stdin io.Reader, stdout io.Writer) error {
	var limits Limits
	if err := readJSON(stdin, maxVerdict, &limits); err != nil {
		return fmt.Errorf("gate child: read limits: %w", err)
	}
	limits = limits.settled()
	if err := confine(limits); err != nil {
		return fmt.Errorf("gate child: %w", err)
	}
	return serve(stdin, stdout, limits)
}

func serve(stdin io.Reader, stdout io.Writer, limits Limits) error {
	c := newChecker(limits)
	for {
		kind, err := readFrame(stdin, maxKind)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("gate child: read kind: %w", err)
		}
		doc, err := readFrame(stdin, limits.Bytes)
		if err != nil {
			return fmt.Errorf("gate child: read document: %w", err)
		}
		if err := allowTime(limits.Time); err != nil {
			return fmt.Errorf("gate child: %w", err)
		}
		pages, refused := c.check(Kind(kind), doc)
		if refused != nil {
			refused.Detail = fmt.Sprintf("%.1000s", refused.Detail)
		}
		answer, err := json.Marshal(verdict{Pages: pages, Refused: refused})
		if err != nil {
			return fmt.Errorf("gate child: write verdict: %w", err)
		}
		if err := writeFrame(stdout, answer); err != nil {
			return fmt.Errorf("gate child: %w", err)
		}
	}
}
