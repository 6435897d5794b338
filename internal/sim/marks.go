package sim

import (
	"slices"
	"strings"

	"peyk/internal/report"
	"peyk/internal/sim/check"
)

// SeedsForMarks is how many seeds must have run before the silence of a mark
// counts.
const SeedsForMarks = 2_000

// Silent lists the marks that should have been seen and were not.
func Silent(seen map[string]int) (silent []string) {
	for _, m := range Sometimes() {
		if seen[m] == 0 {
			silent = append(silent, m)
		}
	}
	return silent
}

// Sometimes lists what a run of many seeds must have seen: each legal move,
// each outcome, each kind of fault, each class of error where it can come up,
// each way a letter ends, and the corners the design speaks of.
func Sometimes() []string {
	all := slices.Concat(moves(), faults(), errorClasses(), corners())
	for _, o := range []report.Outcome{
		report.OutcomeSucceeded, report.OutcomeEmpty, report.OutcomePartial, report.OutcomeRejected,
		report.OutcomeFailed, report.OutcomeDeclined, report.OutcomeExpired, report.OutcomeCancelled,
	} {
		all = append(all, "outcome "+string(o))
	}
	return all
}

func moves() (all []string) {
	for _, from := range append([]report.State{""}, report.States()...) {
		for _, to := range report.States() {
			if _, legal := report.CanMove(from, to); legal {
				all = append(all, moveMark(string(from), string(to)))
			}
		}
	}
	return all
}

func moveMark(from, to string) string {
	if from == "" {
		from = "nothing"
	}
	return "move from " + from + " to " + to
}

func faults() (all []string) {
	for _, k := range kindsOfPoints() {
		plain, uncertain := legal(k)
		for _, f := range plain {
			all = append(all, "fault "+string(k)+" "+string(f))
		}
		for _, f := range uncertain {
			all = append(all, "fault "+string(k)+" "+string(f)+withEffect)
		}
	}
	return all
}

func errorClasses() (all []string) {
	for class, tasks := range map[report.Class]string{
		report.Transient: "SUBMIT TRACK FETCH PROVIDER_DELETE ANNOUNCE EMAIL PURGE",
		report.Throttled: "SUBMIT TRACK FETCH PROVIDER_DELETE EMAIL",
		report.Permanent: "SUBMIT TRACK FETCH PROVIDER_DELETE",
		report.Lying:     "SUBMIT TRACK PROVIDER_DELETE",
	} {
		for _, t := range strings.Fields(tasks) {
			all = append(all, "error "+string(class)+" in "+t)
		}
	}
	slices.Sort(all)
	return all
}

func corners() (all []string) {
	for _, fact := range strings.Fields(`
		asked stamped webhook prepared fetched refused missed heard taken announced collected late recipient_gone
		cleaned_at_provider cleaned_here left_behind
		mail_sending mail_sent mail_deferred mail_bounced mail_unknown mail_unconfirmed mail_given_up mail_void`) {
		all = append(all, "fact "+fact)
	}
	return append(all,
		"unknown letter: its sender died", "unknown letter: the relay did not say", "unknown letter: sent again",
		"unknown letter: unconfirmed",
		"late POST", "late DELETE", "late GET", "download resumed", "webhook answered 204", "webhook answered 401",
		"webhook answered 503", "provider forgot", "provider expired", "queue wiped", "storage rotted", "somebody left",
		"pressed twice", "redriven twice at once", "parked task tried alone", "lease lost at a heartbeat", "lease lost at settling",
		"outage of call", "outage of address", "outage of publish", "outage of put",
		"crash of company", "crash of trigger", "crash of reader", "crash of gateway", "crash of gateway-2", "crash of trace", "crash of trace-2",
		"stall of company", "stall of gateway", "stall of trace-2",
	)
}

// markLogs counts what the logs tell.
func (w *World) markLogs() {
	for _, e := range w.log.Journal {
		if e.Kind == string(report.KindMove) {
			w.mark(moveMark(e.From, e.To))
		} else {
			w.mark("fact " + e.Name)
			w.markLetter(e)
		}
	}
	for _, r := range w.look().requests {
		if r.Outcome != "" {
			w.mark("outcome " + string(r.Outcome))
		}
	}
}

func (w *World) markLetter(e check.Entry) {
	reply, _ := e.Evidence["reply"].(string)
	again, _ := e.Evidence["sent_again"].(bool)
	switch {
	case e.Name == "mail_unknown" && strings.Contains(reply, "process ended"):
		w.mark("unknown letter: its sender died")
	case e.Name == "mail_unknown":
		w.mark("unknown letter: the relay did not say")
	case e.Name == "mail_sent" && again:
		w.mark("unknown letter: sent again")
	case e.Name == "mail_unconfirmed":
		w.mark("unknown letter: unconfirmed")
	}
}
