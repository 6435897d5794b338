package report

// Step is one of the thirteen steps of the journey; 0 is none of them.
type Step int

// The thirteen steps, in order, with the role that takes each.
const (
	StepAsked      Step = 1 + iota // the requester fills in the form
	StepStamped                    // web stamps the GUID and posts it to trigger
	StepRecorded                   // trigger validates, applies the rule, records
	StepHeard                      // gateway hears ReportRequested
	StepPosted                     // gateway posts it to the reporting app
	StepPrepared                   // the reporting app gathers, renders, reports ready
	StepReader                     // reader checks the signature
	StepReadyHeard                 // gateway hears ReportReady
	StepFetched                    // gateway gets the file
	StepStored                     // gateway verifies and stores it
	StepHereHeard                  // trace hears ReportIsHere
	StepTaken                      // trace takes the file from local storage
	StepDelivered                  // trace mails it, raises the popup, sets off the cleaning
)

// Steps is how many there are.
const Steps = 13

// Role is who takes the step.
func (s Step) Role() Role {
	switch {
	case s == StepAsked:
		return Requester
	case s == StepStamped:
		return Web
	case s == StepRecorded:
		return Trigger
	case s == StepPrepared:
		return ProviderApp
	case s == StepReader:
		return Reader
	case s >= StepHeard && s <= StepStored:
		return Gateway
	case s >= StepHereHeard && s <= StepDelivered:
		return Trace
	}
	return ""
}
