package gate

// Kind of a document.
type Kind string

// The kinds there is a check for, by their media types.
const (
	PDF  Kind = "application/pdf"
	XLSX Kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	CSV  Kind = "text/csv"
)

// known reports whether there is a check for it.
func (k Kind) known() bool { return k == PDF || k == XLSX || k == CSV }

// maxKind bounds the frame with the kind.
const maxKind = 128
