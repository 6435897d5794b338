package check

import "time"

// Logs is all the checker reads. Times are the truth about order: no two things
// of one world happen at the same moment.
type Logs struct {
	Journal  []Entry           `json:"journal"`  // of every request, in any order
	Provider []Provider        `json:"provider"` // what happened at the other company
	Mail     []Mail            `json:"mail"`     // what the relay saw
	Clients  []Client          `json:"clients"`  // what people asked for and were answered
	People   []Person          `json:"people"`
	Storage  []string          `json:"storage"` // keys of the bytes that lay in the company's storage at the end
	Written  map[string]string `json:"written"` // by key, the SHA-256 of what was written to that storage; nil: not known
	Calm     time.Time         `json:"calm"`    // from here on nothing was made to fail
	End      time.Time         `json:"end"`     // the logs end here
}

// Entry is one row of a request's journal, as the company's API shows it.
type Entry struct {
	GUID       string         `json:"guid"`
	Seq        int64          `json:"seq"`
	At         time.Time      `json:"time"`
	Role       string         `json:"role"`
	Kind       string         `json:"kind"` // move or fact
	Name       string         `json:"name"`
	From       string         `json:"from"`
	To         string         `json:"to"`
	Step       int            `json:"step"`
	Version    int64          `json:"version"`
	Generation int            `json:"generation"`
	Evidence   map[string]any `json:"evidence"`
}

// What happens at the provider.
const (
	Posted    = "posted"    // a POST made a new operation
	Published = "published" // the result of a generation: Files, name to SHA-256
	Refused   = "refused"   // it ended the generation: rejected or failed
	Asked     = "asked"     // a GET of the operation was answered
	Served    = "served"    // a file was sent whole: Files has its name and the SHA-256 of the bytes sent
	Deleted   = "deleted"   // a DELETE of generations up to Generation took effect
	Forgot    = "forgot"    // it lost all it knew of the request
	Expired   = "expired"   // it removed its copy of all generations by itself
)

// Provider is one thing that happened at the provider.
type Provider struct {
	At         time.Time         `json:"at"`
	What       string            `json:"what"`
	GUID       string            `json:"guid"`
	Generation int               `json:"generation"`
	Files      map[string]string `json:"files,omitempty"`
}

// Mail is one message whose final dot reached the relay.
type Mail struct {
	At        time.Time         `json:"at"`
	MessageID string            `json:"message_id"`
	To        string            `json:"to"`     // envelope recipient
	SHA256    string            `json:"sha256"` // of the whole message
	Attached  map[string]string `json:"attached,omitempty"`
	Code      int               `json:"code"`  // of the reply; 0: the sender never got one
	Taken     bool              `json:"taken"` // the relay has it, whatever the sender knows
}

// What people do.
const (
	Submit  = "submit"  // Recipients and Type are what the form said
	Status  = "status"  // of one request, its journal included
	File    = "file"    // the bytes of a report: Generation is unknown, SHA256 is of what came
	Approve = "approve" //
	Decline = "decline" //
	Cancel  = "cancel"  //
	Redrive = "redrive" //
	Bell    = "bell"    // a notice in the bell of Who at the end: GUID, Generation, Subject
)

// Client is one call of a person and its answer.
type Client struct {
	At         time.Time `json:"at"` // when the call was made
	Who        string    `json:"who"`
	Op         string    `json:"op"`
	GUID       string    `json:"guid"`
	Status     int       `json:"status"` // HTTP; 0: no answer came
	Type       string    `json:"type,omitempty"`
	Recipients []string  `json:"recipients,omitempty"` // besides Who
	SHA256     string    `json:"sha256,omitempty"`
	Generation int       `json:"generation,omitempty"`
	Subject    string    `json:"subject,omitempty"`
}

// Person is one account.
type Person struct {
	Name   string    `json:"name"`
	Email  string    `json:"email"`
	Roles  []string  `json:"roles"`   // requester, approver, operator, …
	GoneAt time.Time `json:"gone_at"` // left the company; zero: still here
}
