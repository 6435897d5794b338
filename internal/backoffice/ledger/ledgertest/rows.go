package ledgertest

import (
	"errors"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

func rows() []check {
	return []check{
		{"recipients come back by account, one row each", func(w *world) {
			w.bare(1)
			w.bare(2)
			put := func(n int, account string, gone time.Time) ledger.Recipient {
				r := ledger.Recipient{GUID: guid(n), Account: account, GoneAt: gone}
				w.update(func(tx ledger.Tx) error { return tx.PutRecipient(r) })
				return r
			}
			put(1, "ümit", time.Time{})
			put(2, "ahmet", time.Time{})
			ahmet := put(1, "ahmet", time.Time{})
			umit := put(1, "ümit", w.now().In(istanbul))
			same(w, "recipients", read(w, func(v ledger.View) ([]ledger.Recipient, error) { return v.Recipients(guid(1)) }),
				[]ledger.Recipient{ahmet, kept(umit)})
		}},
		{"files come back by generation and name, one row each", func(w *world) {
			w.bare(1)
			file := func(seed, generation int, name string) ledger.File {
				f := filled[ledger.File](seed)
				f.GUID, f.Generation, f.Name = guid(1), generation, name
				w.update(func(tx ledger.Tx) error { return tx.PutFile(f) })
				return kept(f)
			}
			file(1, 2, "a.pdf")
			b, a1 := file(2, 2, "b.xlsx"), file(3, 1, "a.pdf")
			a2 := file(4, 2, "a.pdf")
			zero := ledger.File{GUID: guid(1), Generation: 3, File: report.File{Name: "owed.csv"}}
			w.update(func(tx ledger.Tx) error { return tx.PutFile(zero) })
			same(w, "files", read(w, func(v ledger.View) ([]ledger.File, error) { return v.Files(guid(1)) }),
				[]ledger.File{a1, a2, b, zero})
		}},
		{"progress is the last one put, one of each request", progress},
		{"a blob is known while a row of a request not purged names it", blobs},
		{"a webhook is taken in once, by its id, whoever it is about", hooks},
		{"approvals come back as they were given", func(w *world) {
			w.bare(1)
			w.bare(2)
			var want []ledger.Approval
			for i := range 3 {
				a := filled[ledger.Approval](i)
				a.GUID = guid(1)
				other := a
				other.GUID = guid(2)
				w.update(func(tx ledger.Tx) error { return errors.Join(tx.AddApproval(a), tx.AddApproval(other)) })
				want = append(want, kept(a))
			}
			same(w, "approvals", read(w, func(v ledger.View) ([]ledger.Approval, error) { return v.Approvals(guid(1)) }), want)
		}},
		{"the catalog is the last one put", func(w *world) {
			absent(w, "catalog", ledger.View.Catalog)
			for i := range 2 {
				c := filled[ledger.Catalog](i)
				w.update(func(tx ledger.Tx) error { return tx.PutCatalog(c) })
				same(w, "catalog", read(w, ledger.View.Catalog), kept(c))
			}
		}},
		{"parked payloads come back to the byte, newest first", func(w *world) {
			var want []ledger.Parked
			for i := range 3 {
				p := filled[ledger.Parked](i)
				p.Raw = []byte{0, 0xff, byte(i), '\n', 0xc3}
				w.update(func(tx ledger.Tx) error { return tx.Park(p) })
				p.ResolvedAt, p.ResolvedBy, p.Reason = time.Time{}, "", "" // parking settles nothing
				want = append([]ledger.Parked{kept(p)}, want...)
			}
			got := read(w, func(v ledger.View) ([]ledger.Parked, error) { return v.Parked(0) })
			for i := range got {
				if i > 0 && got[i].ID >= got[i-1].ID {
					w.Errorf("ID %d after %d", got[i].ID, got[i-1].ID)
				}
				want[i].ID = got[i].ID
			}
			same(w, "parked", got, want)
			same(w, "at most 1", read(w, func(v ledger.View) ([]ledger.Parked, error) { return v.Parked(1) }), want[:1])
		}},
	}
}

func progress(w *world) {
	put := func(seed, n int) ledger.Progress {
		p := filled[ledger.Progress](seed)
		p.GUID = guid(n)
		w.update(func(tx ledger.Tx) error { return tx.PutProgress(p) })
		return kept(p)
	}
	of := func(guids ...string) []ledger.Progress {
		return read(w, func(v ledger.View) ([]ledger.Progress, error) { return v.Progress(guids...) })
	}
	before := w.bare(1)
	w.bare(2)
	w.bare(3)
	put(1, 1)
	two, one := put(2, 2), put(3, 1)
	same(w, "of two", of(guid(2), guid(3), guid(1), guid(2)), []ledger.Progress{one, two})
	same(w, "of one", of(guid(2)), []ledger.Progress{two})
	same(w, "of none", of(), []ledger.Progress{})
	same(w, "the request", w.request(1), before) // a move begun meanwhile is not refused
	w.refused(errNo, func(tx ledger.Tx) error {
		return errors.Join(tx.PutProgress(ledger.Progress{GUID: guid(1)}), tx.Forget(guid(2)), errNo)
	})
	same(w, "after what was undone", of(guid(1), guid(2)), []ledger.Progress{one, two})
	w.update(func(tx ledger.Tx) error { return tx.Forget(guid(1)) })
	same(w, "after Forget", of(guid(1), guid(2)), []ledger.Progress{two})
}

func blobs(w *world) {
	known := func(key string) bool {
		return read(w, func(v ledger.View) (bool, error) { return v.BlobKnown(key) })
	}
	put := func(n, generation int, key string) {
		w.update(func(tx ledger.Tx) error {
			return tx.PutFile(ledger.File{GUID: guid(n), Generation: generation, File: report.File{Name: "a.pdf"}, BlobKey: key})
		})
	}
	w.bare(1)
	w.bare(2)
	put(1, 1, "old")
	put(1, 1, "new")
	put(1, 2, "")
	put(2, 1, "shared")
	put(2, 2, "shared")
	want := map[string]bool{"": false, "ne": false, "new.1": false, "old": false, "new": true, "shared": true}
	for key, is := range want {
		if known(key) != is {
			w.Errorf("blob %q known: %t", key, !is)
		}
	}
	r := w.request(1)
	r.PurgedAt = w.now()
	w.update(func(tx ledger.Tx) error { return tx.Save(r, r.Version) })
	if known("new") {
		w.Error("the blob of a purged request is known")
	}
	w.update(func(tx ledger.Tx) error { return tx.Forget(guid(2)) })
	if known("shared") {
		w.Error("the blob of a forgotten row is known")
	}
}

func hooks(w *world) {
	w.bare(1)
	w.bare(2)
	add := func(h ledger.Hook) bool {
		return write(w, func(tx ledger.Tx) (bool, error) { return tx.AddHook(h) })
	}
	hook := func(seed int, id string, n, generation int) ledger.Hook {
		h := filled[ledger.Hook](seed)
		h.ID, h.GUID, h.Generation = id, guid(n), generation
		return h
	}
	first, second := hook(1, "z", 1, 1), hook(2, "a", 1, 1)
	for _, h := range []ledger.Hook{first, second, hook(3, "other", 1, 2), hook(4, "third", 2, 1)} {
		if !add(h) {
			w.Errorf("webhook %s was there already", h.ID)
		}
	}
	for _, h := range []ledger.Hook{first, hook(5, "z", 1, 1), hook(6, "z", 2, 3)} {
		if add(h) {
			w.Errorf("webhook %s was taken in twice", h.ID)
		}
	}
	get := func(n, generation int) []ledger.Hook {
		return read(w, func(v ledger.View) ([]ledger.Hook, error) { return v.Hooks(guid(n), generation) })
	}
	same(w, "webhooks", get(1, 1), []ledger.Hook{kept(first), kept(second)})
	same(w, "webhooks of another generation", get(2, 3), []ledger.Hook(nil))
	w.refused(errNo, func(tx ledger.Tx) error {
		_, err := tx.AddHook(hook(7, "undone", 1, 1))
		return errors.Join(err, errNo)
	})
	if !add(hook(8, "undone", 2, 2)) {
		w.Error("a webhook whose transaction was undone is still known")
	}
}

func letters() []check {
	return []check{
		{"a letter is one row by request, generation, subject and account", oneLetter},
	}
}

func oneLetter(w *world) {
	w.bare(1)
	w.bare(2)
	letter := func(seed, generation int, s ledger.Subject, account string) ledger.Mail {
		m := filled[ledger.Mail](seed)
		m.GUID, m.Generation, m.Subject, m.Account, m.State = guid(1), generation, s, account, ledger.MailSending
		return m
	}
	all := []ledger.Mail{
		letter(1, 1, ledger.SubjectAsking, "ümit"),
		letter(2, 1, ledger.SubjectReady, "ahmet"), letter(3, 1, ledger.SubjectReady, "ümit"),
		letter(4, 2, ledger.SubjectReady, "ümit"),
	}
	for i := len(all) - 1; i >= 0; i-- {
		w.update(func(tx ledger.Tx) error { return tx.PutMail(all[i]) })
	}
	again := letter(5, 1, ledger.SubjectReady, "ümit")
	again.State = ledger.MailVoid
	w.update(func(tx ledger.Tx) error { return tx.PutMail(again) })
	all[2] = again
	same(w, "letters", read(w, func(v ledger.View) ([]ledger.Mail, error) { return v.Mails(guid(1)) }),
		[]ledger.Mail{kept(all[0]), kept(all[1]), kept(all[2]), kept(all[3])})
	same(w, "letter", read(w, func(v ledger.View) (ledger.Mail, error) {
		return v.Mail(guid(1), 1, ledger.SubjectReady, "ümit")
	}), kept(again))
	absent(w, "letter", func(v ledger.View) (ledger.Mail, error) { return v.Mail(guid(1), 3, ledger.SubjectReady, "ümit") })
	absent(w, "letter of another request", func(v ledger.View) (ledger.Mail, error) { return v.Mail(guid(2), 1, ledger.SubjectReady, "ümit") })
	absent(w, "letter", func(v ledger.View) (ledger.Mail, error) { return v.Mail(guid(1), 1, ledger.SubjectLate, "ümit") })
}
