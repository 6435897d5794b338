package mail

import (
	"context"
	"errors"
	"net/textproto"
	"time"
)

// readdress takes an idle connection into use again: RSET shows whether it
// still lives, before anything is said about the mail.
func (d *dialogue) readdress(ctx context.Context, from, to string) error {
	release := d.endWith(ctx)
	defer release()
	if err := d.reset(); err != nil {
		return err
	}
	return d.envelope(from, to)
}

// reset ends a mail transaction that was begun.
func (d *dialogue) reset() error {
	d.within(d.settings.CommandTimeout)
	if err := d.client.Reset(); err != nil {
		return classify(Reset, err)
	}
	return nil
}

// envelope says from whom to whom.
func (d *dialogue) envelope(from, to string) error {
	d.within(d.settings.CommandTimeout)
	if err := d.client.Mail("<" + from + ">"); err != nil {
		return classify(MailFrom, err)
	}
	d.within(d.settings.CommandTimeout)
	if err := d.client.Rcpt("<" + to + ">"); err != nil {
		return classify(RcptTo, err)
	}
	return nil
}

// deliver hands over the message. The body is flushed before the final dot,
// so the dot travels in a write of its own; a write that failed did not
// bring its last byte to the relay, so whatever fails up to there is known
// not to have been a mail. Once the dot is written only the relay knows.
func (d *dialogue) deliver(msg []byte) (Reply, error) {
	text := d.client.Text
	d.within(d.settings.CommandTimeout)
	if err := text.PrintfLine("DATA"); err != nil {
		return Reply{}, classify(Data, err)
	}
	if _, _, err := text.ReadResponse(354); err != nil {
		return Reply{}, classify(Data, err)
	}
	d.within(d.settings.BodyTimeout)
	body := text.DotWriter()
	if _, err := body.Write(msg); err != nil {
		return Reply{}, d.interrupted(err)
	}
	if err := text.W.Flush(); err != nil {
		return Reply{}, d.interrupted(err)
	}
	if err := body.Close(); err != nil {
		return Reply{}, d.interrupted(err)
	}
	d.within(d.settings.ReplyTimeout)
	// Any 2yz is a yes: RFC 5321 section 4.2 has clients look at the first digit.
	code, said, err := text.ReadResponse(2)
	if err != nil {
		return Reply{}, classify(FinalDot, err)
	}
	return newReply(FinalDot, code, said), nil
}

// interrupted explains a body that could not be written. A relay that has
// seen enough answers (552, say) and hangs up while we still write; what it
// said lies unread on our side.
func (d *dialogue) interrupted(broken error) error {
	d.within(100 * time.Millisecond)
	_, _, err := d.client.Text.ReadResponse(250)
	var said *textproto.Error
	if errors.As(err, &said) {
		return classify(Body, err)
	}
	return classify(Body, broken)
}

// quit takes leave without waiting for an answer.
func (d *dialogue) quit() {
	d.within(time.Second)
	_ = d.client.Text.PrintfLine("QUIT") // a relay that is gone needs no goodbye
	d.close()
}

// close ends the connection without ceremony.
func (d *dialogue) close() { _ = d.conn.Close() }
