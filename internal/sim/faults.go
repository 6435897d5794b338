package sim

import "syscall"

// legal is the table of what may go wrong at a kind of point. The second column
// tells the faults behind which the operation may nevertheless have happened.
// The last of the first column is what an outage looks like.
func legal(k kind) (errs []fault, uncertain []fault) {
	switch k {
	case commit:
		return []fault{"EIO", "ENOSPC", "EBUSY", "ETIMEDOUT"}, []fault{"EIO", "ETIMEDOUT"}
	case view:
		return []fault{"EIO", "EBUSY", "ETIMEDOUT"}, nil
	case publish:
		return []fault{"ETIMEDOUT", "lost", "no responders"}, []fault{"ETIMEDOUT", "twice", "delayed"}
	case ack:
		return []fault{"ETIMEDOUT"}, []fault{"ETIMEDOUT"}
	case call:
		return append(statuses(), "ETIMEDOUT", "tls", "late", "ECONNREFUSED"),
			[]fault{"ECONNRESET", "ETIMEDOUT", "500", "502", "504", "garbage", "nothing"}
	case body:
		return nil, []fault{"ECONNRESET", "ETIMEDOUT", "short", "flipped", "longer"}
	case put:
		return []fault{"EIO", "ENOSPC"}, []fault{"EIO"}
	case open:
		return []fault{"EIO", "EMFILE", "rot"}, nil
	case remove:
		return []fault{"EIO"}, []fault{"EIO"}
	case gate:
		return []fault{"killed"}, nil
	case address:
		return append(replies("MAIL", "RCPT"), "ECONNRESET", "421 at CONNECT", "no STARTTLS", "ECONNREFUSED"), nil
	case deliver:
		return append(replies("DATA", "."), "lost before the dot", "lost at the dot"), []fault{"lost after the dot"}
	case answer:
		return nil, []fault{"ECONNRESET"}
	}
	return nil, nil
}

// statuses are the HTTP answers of a provider, or of what stands before it,
// that cannot come about by asking for something wrong.
func statuses() []fault {
	return []fault{"401", "403", "408", "409", "425", "429", "500", "502", "503", "503 Retry-After", "504"}
}

// replies are an SMTP server's refusals at each of the verbs.
func replies(verbs ...string) (all []fault) {
	for _, v := range verbs {
		for _, code := range []string{"421", "450", "451", "452", "550", "552", "554"} {
			all = append(all, fault(code+" at "+v))
		}
	}
	return all
}

func errnos() map[fault]syscall.Errno {
	return map[fault]syscall.Errno{
		"EIO": syscall.EIO, "ENOSPC": syscall.ENOSPC, "EBUSY": syscall.EBUSY, "ETIMEDOUT": syscall.ETIMEDOUT,
		"EMFILE": syscall.EMFILE, "ECONNREFUSED": syscall.ECONNREFUSED, "ECONNRESET": syscall.ECONNRESET,
	}
}
