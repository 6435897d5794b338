package e2e

import (
	"encoding/json"
	"maps"
	"strings"
)

// journeyLog lists what each role logs about a journey that goes well.
func journeyLog() map[string]string {
	return map[string]string{
		"request recorded":              "trigger",
		"posted to the reporting app":   "gateway",
		"accepted":                      "app",
		"prepared":                      "app",
		"told the company":              "app",
		"webhook taken":                 "reader",
		"served":                        "files",
		"mail sent":                     "trace",
		"download":                      "web",
		"download, said by the trigger": "trigger",
	}
}

// checkLogs holds the logs of all processes against one journey: each role's
// records are there, and each record that speaks of the request names it and its
// role in attributes.
func (i *instance) checkLogs(guid string) {
	i.t.Helper()
	missing := journeyLog()
	i.eventually("every role's records about "+guid, func() bool { // one process may log after another has gone on
		for _, r := range i.recordsAbout(guid) {
			missing = without(missing, r)
		}
		return len(missing) == 0
	})
	for _, r := range i.recordsAbout(guid) {
		if r["guid"] != guid || r["role"] == nil {
			i.t.Errorf("no guid %s or no role in %v", guid, r)
		}
		if took, ok := r["took_ms"].(float64); r["msg"] == "prepared" && (!ok || took <= 0) {
			i.t.Errorf("took_ms is not a number of milliseconds in %v", r)
		}
	}
}

// without is the list without the record, if it is as it should be.
func without(missing map[string]string, r map[string]any) map[string]string {
	maps.DeleteFunc(missing, func(message, role string) bool {
		message, _, _ = strings.Cut(message, ",")
		return r["msg"] == message && r["role"] == role
	})
	return missing
}

// recordsAbout are the records in which the GUID is, in an attribute or a text.
func (i *instance) recordsAbout(guid string) (records []map[string]any) {
	for line := range strings.Lines(i.log.String()) {
		var r map[string]any
		if strings.Contains(line, guid) && json.Unmarshal([]byte(line), &r) == nil {
			records = append(records, r)
		}
	}
	return records
}
