package report

// State is where a request stands. Each state is owned by the one role that
// sweeps its deadline.
type State string

// The states, in the order of the journey.
const (
	AwaitingApproval State = "AWAITING_APPROVAL"
	Accepted         State = "ACCEPTED"
	Submitting       State = "SUBMITTING"
	Preparing        State = "PREPARING"
	Ready            State = "READY"
	Stored           State = "STORED"
	Delivered        State = "DELIVERED"
	Rejected         State = "REJECTED"
	Failed           State = "FAILED"
	Declined         State = "DECLINED"
	Expired          State = "EXPIRED"
	Cancelled        State = "CANCELLED"
)

// States lists every state, in the order of the journey.
func States() []State {
	return []State{
		AwaitingApproval, Accepted, Submitting, Preparing, Ready, Stored, Delivered,
		Rejected, Failed, Declined, Expired, Cancelled,
	}
}

// Terminal reports whether a request in s is over. REJECTED and FAILED are
// terminal too, though an operator may redrive them.
func (s State) Terminal() bool {
	switch s {
	case Delivered, Rejected, Failed, Declined, Expired, Cancelled:
		return true
	}
	return false
}

// Role is who makes a move or states a fact.
type Role string

// The roles. The first and last two never move a request.
const (
	Requester   Role = "requester"
	Web         Role = "web"
	Trigger     Role = "trigger"
	Gateway     Role = "gateway"
	Reader      Role = "reader"
	Trace       Role = "trace"
	ProviderApp Role = "reporting-app"
)

// Owner is the role that sweeps the deadline of s; "" where s has none.
func (s State) Owner() Role {
	switch s {
	case AwaitingApproval:
		return Trigger
	case Accepted, Submitting, Preparing, Ready:
		return Gateway
	case Stored:
		return Trace
	}
	return ""
}

// edge is one legal move.
type edge struct{ from, to State }

// mover is the state table: who may make which move. A request is born by
// trigger into ACCEPTED or AWAITING_APPROVAL, written here as from "".
func mover(e edge) (Role, bool) {
	switch e {
	case edge{"", AwaitingApproval}, edge{"", Accepted},
		edge{AwaitingApproval, Accepted}, edge{AwaitingApproval, Declined},
		edge{AwaitingApproval, Cancelled}, edge{AwaitingApproval, Expired},
		edge{Accepted, Cancelled}, edge{Submitting, Cancelled}, edge{Preparing, Cancelled}, edge{Ready, Cancelled},
		edge{Rejected, Accepted}, edge{Failed, Accepted}: // redrive
		return Trigger, true
	case edge{Accepted, Submitting}, edge{Accepted, Failed},
		edge{Submitting, Submitting}, // next generation after an unasked 410
		edge{Submitting, Preparing}, edge{Submitting, Rejected}, edge{Submitting, Failed},
		edge{Preparing, Submitting}, // forgotten by the provider
		edge{Preparing, Ready}, edge{Preparing, Rejected}, edge{Preparing, Failed},
		edge{Ready, Preparing}, // a file is gone although it was said to be ready
		edge{Ready, Stored}, edge{Ready, Failed}:
		return Gateway, true
	case edge{Stored, Delivered},
		edge{Stored, Ready},  // our bytes are damaged
		edge{Stored, Failed}: // for the third time
		return Trace, true
	}
	return "", false
}

// CanMove reports whether from → to is in the state table, and whose move it is.
func CanMove(from, to State) (Role, bool) { return mover(edge{from, to}) }

// Cancellable reports whether the table allows a cancel from s. Whether this
// request may still be cancelled also depends on its having been STORED once:
// see Request.Cancel.
func (s State) Cancellable() bool {
	_, ok := mover(edge{s, Cancelled})
	return ok
}
