package web

import (
	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// progressBy reads how far the provider is with those of the requests that it
// prepares, by GUID.
func progressBy(view ledger.View, rows []*report.Request) (map[string]ledger.Progress, error) {
	var guids []string
	for _, r := range rows {
		if r.State == report.Preparing {
			guids = append(guids, r.GUID)
		}
	}
	by := map[string]ledger.Progress{}
	if len(guids) == 0 {
		return by, nil
	}
	all, err := view.Progress(guids...)
	for _, p := range all {
		by[p.GUID] = p
	}
	return by, err
}

// progressOf is that of one request; zero if there is none.
func progressOf(view ledger.View, r *report.Request) (ledger.Progress, error) {
	by, err := progressBy(view, []*report.Request{r})
	return by[r.GUID], err
}
