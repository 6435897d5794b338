package trigger_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

const filePath = "/files/top%20games.pdf"

func TestDownload(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.guid()
	body := strings.Replace(form(guid, "payroll.v1"), "}}", `},"recipients":["deniz"]}`, 1)
	w.want(202, "", "derya", "POST", "/requests", body)
	path := "/requests/" + guid + filePath
	w.want(200, "", "murat", "POST", "/requests/"+guid+"/approve", "")
	w.want(404, "report-unknown", "derya", "GET", path, "")
	w.store(guid, time.Minute)

	digestHeader, err := protocol.FormatReprDigest(digest())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"Content-Type": "application/pdf", "Content-Length": "25", "Cache-Control": "no-store",
		"Content-Disposition": `attachment; filename="top games.pdf"`, "X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": "default-src 'none'; sandbox", "Repr-Digest": digestHeader,
	}
	for _, who := range []string{"derya", "deniz"} {
		rec := w.want(200, "", who, "GET", path, "")
		if rec.Body.String() != content || len(rec.Header()) != len(want) {
			t.Errorf("%s has %q with %v", who, rec.Body, rec.Header())
		}
		for name, v := range want {
			if got := rec.Header().Get(name); got != v {
				t.Errorf("%s: %s is %q, want %q", who, name, got, v)
			}
		}
	}
	// Whoever decides or looks after the whole may see the request, not its bytes.
	for _, who := range []string{"onur", "ada", "murat"} {
		w.want(200, "", who, "GET", "/requests/"+guid, "")
		w.want(404, "report-unknown", who, "GET", path, "")
		w.want(404, "report-unknown", who, "POST", path, "")
	}
	w.want(404, "report-unknown", "derya", "GET", "/requests/"+guid+"/files/other.pdf", "")

	w.deliver(guid)
	w.want(200, "", "derya", "GET", path, "")
	w.write(func(tx ledger.Tx) error {
		r, err := tx.Request(guid)
		if err != nil {
			return err
		}
		r.PurgedAt = w.now
		return tx.Save(r, r.Version)
	})
	w.want(410, "gone", "deniz", "GET", path, "")
}

// What rotted in storage after it was announced is nobody's report any more.
func TestDamagedBytesAreNotServed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.ask("top-games.v1")
	w.store(guid, time.Minute)
	w.deliver(guid)
	key := guid + "/1/report.1"
	if _, err := w.blobs.Put(t.Context(), key, strings.NewReader(strings.ToUpper(content)), 1<<20); err != nil {
		t.Fatal(err)
	}
	path := "/requests/" + guid + filePath
	w.want(410, "damaged", "derya", "GET", path, "")
	if err := w.blobs.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	w.want(410, "damaged", "derya", "GET", path, "")
}

// TestADigestIsComparedToItsLastDigit: the stored row names a digest that differs
// from the one of the bytes in one digit.
func TestADigestIsComparedToItsLastDigit(t *testing.T) {
	t.Parallel()
	for _, at := range []int{0, 31, 32, 63} {
		w := newWorld(t)
		guid := w.ask("top-games.v1")
		w.store(guid, time.Minute)
		w.deliver(guid)
		w.write(func(tx ledger.Tx) error {
			files, err := tx.Files(guid)
			if err != nil {
				return err
			}
			digit := "0"
			if files[0].SHA256[at] == '0' {
				digit = "1"
			}
			files[0].SHA256 = files[0].SHA256[:at] + digit + files[0].SHA256[at+1:]
			return tx.PutFile(files[0])
		})
		w.want(410, "damaged", "derya", "GET", "/requests/"+guid+filePath, "")
	}
}

// collected gives how often the download was recorded, and PURGE.
func (w *world) collected(guid string) (times int, purge ledger.Task) {
	w.tb.Helper()
	w.write(func(tx ledger.Tx) error {
		journal, err := tx.Journal(guid)
		if err != nil {
			return err
		}
		for _, e := range journal {
			if e.Name == "collected" {
				times++
			}
		}
		purge, err = tx.Task(ledger.Key{GUID: guid, Kind: ledger.Purge})
		return err
	})
	return times, purge
}

func TestKeptUntilHad(t *testing.T) {
	t.Parallel()
	w := newWorldKeeping(t, 0)
	guid := w.ask("top-games.v1")
	w.store(guid, time.Minute)
	w.deliver(guid)
	path := "/requests/" + guid + filePath
	if rec := w.want(405, "collect-by-post", "derya", "GET", path, ""); rec.Header().Get("Allow") != "POST" {
		t.Errorf("405 allows %q (RFC 9110, 15.5.6)", rec.Header().Get("Allow"))
	}
	_, before := w.collected(guid)
	for range 2 {
		if rec := w.want(200, "", "derya", "POST", path, ""); rec.Body.String() != content {
			t.Errorf("had %q", rec.Body)
		}
	}
	if times, purge := w.collected(guid); times != 1 || purge.Wakes != before.Wakes+1 {
		t.Errorf("recorded %d times, PURGE woken %d times; want once each", times, purge.Wakes-before.Wakes)
	}
}

// breaking is a connection that is lost behind its first bytes.
type breaking struct{ *httptest.ResponseRecorder }

func (b breaking) Write(p []byte) (int, error) { return len(p) / 2, errors.New("connection reset") }

// What broke off was not had: the report stays, and its reader is not told that
// half of it is all.
func TestBrokenDownloadWasNotHad(t *testing.T) {
	t.Parallel()
	w := newWorldKeeping(t, 0)
	guid := w.ask("top-games.v1")
	w.store(guid, time.Minute)
	w.deliver(guid)
	r := httptest.NewRequest(http.MethodPost, "/api/v1/requests/"+guid+filePath, nil)
	r.Header.Set("Authorization", "Bearer derya")
	func() {
		defer func() {
			if cause := recover(); cause != http.ErrAbortHandler { //nolint:errorlint // the very value net/http looks for
				t.Errorf("ended with %v, want the connection aborted", cause)
			}
		}()
		w.station.ServeHTTP(breaking{httptest.NewRecorder()}, r)
	}()
	if times, _ := w.collected(guid); times != 0 {
		t.Error("a broken download counts as had")
	}
}

// TestTextIsToldToBeUTF8: a table of records comes as what it is, to be kept.
func TestTextIsToldToBeUTF8(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.guid()
	w.want(202, "", "derya", "POST", "/requests", form(guid, "top-games.v1"))
	w.store(guid, time.Minute)
	w.write(func(tx ledger.Tx) error {
		rows, err := tx.Files(guid)
		if err != nil {
			return err
		}
		rows[0].MediaType = "text/csv"
		return tx.PutFile(rows[0])
	})
	rec := w.want(200, "", "derya", "GET", "/requests/"+guid+filePath, "")
	for name, want := range map[string]string{"Content-Type": "text/csv; charset=utf-8", "X-Content-Type-Options": "nosniff"} {
		if got := rec.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// redriven brings a stored request to STORED again, as the next generation, after
// its bytes were damaged three times. The file of the generation before stays.
func (w *world) redriven(guid, bytes string) {
	w.tb.Helper()
	w.move(guid, func(r *report.Request) (report.Move, error) { return r.Damaged(w.now, nil) })
	for range report.MaxRefetches - 1 {
		w.move(guid, func(r *report.Request) (report.Move, error) { return r.Store(w.now, nil) })
		w.move(guid, func(r *report.Request) (report.Move, error) { return r.Damaged(w.now, nil) })
	}
	w.wantState(guid, report.Failed)
	w.move(guid, func(r *report.Request) (report.Move, error) { return r.Redrive("onur", r.Version, time.Hour, w.now) })
	w.move(guid, func(r *report.Request) (report.Move, error) { return r.Submit(w.now, nil) })
	w.move(guid, func(r *report.Request) (report.Move, error) { return r.Prepare(w.now, nil) })
	sum := sha256.Sum256([]byte(bytes))
	f := report.File{Name: fileName, MediaType: "application/pdf", Size: int64(len(bytes)), SHA256: hex.EncodeToString(sum[:]), Pages: 1}
	w.move(guid, func(r *report.Request) (report.Move, error) {
		return r.Found(report.Manifest{Files: []report.File{f}}, time.Time{}, w.now, nil)
	})
	w.move(guid, func(r *report.Request) (report.Move, error) { return r.Store(w.now, nil) })
	key := guid + "/2/report.1"
	if _, err := w.blobs.Put(w.tb.Context(), key, strings.NewReader(bytes), 1<<20); err != nil {
		w.tb.Fatal(err)
	}
	w.write(func(tx ledger.Tx) error {
		return tx.PutFile(ledger.File{GUID: guid, Generation: 2, File: f, BlobKey: key, StoredAt: w.now})
	})
}

// After a redrive only the bytes of the new generation are served and listed,
// though those of the one before are still here under the same name.
func TestOnlyTheFilesOfTheCurrentGenerationAreServed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.ask("top-games.v1")
	path := "/requests/" + guid + filePath
	w.store(guid, time.Minute)
	if got := w.want(200, "", "derya", "GET", path, "").Body.String(); got != content {
		t.Fatalf("served %q, want %q", got, content)
	}
	const second = "%PDF-1.7 the second generation"
	w.redriven(guid, second)
	if got := w.want(200, "", "derya", "GET", path, "").Body.String(); got != second {
		t.Errorf("served %q, want %q", got, second)
	}
	if files := w.status("derya", guid).Files; len(files) != 1 || files[0].Generation != 2 || files[0].Size != int64(len(second)) {
		t.Errorf("the status lists %+v, want the file of generation 2 alone", files)
	}
	w.write(func(tx ledger.Tx) error {
		rows, err := tx.Files(guid)
		for _, f := range rows {
			if f.Generation == 2 {
				f.Damaged = true
				err = errors.Join(err, tx.PutFile(f))
			}
		}
		return err
	})
	w.want(404, "report-unknown", "derya", "GET", path, "")
}

// until is a response after whose bytes something happens.
type until struct {
	*httptest.ResponseRecorder
	then func()
}

func (u until) Write(p []byte) (int, error) {
	n, err := u.ResponseRecorder.Write(p)
	u.then()
	return n, err
}

// A download that ends after a redrive was of the generation before: the report
// that came since has not been collected.
func TestADownloadOfAnEarlierGenerationCollectsNothing(t *testing.T) {
	t.Parallel()
	w := newWorldKeeping(t, 0)
	guid := w.ask("top-games.v1")
	w.store(guid, time.Minute)
	r := httptest.NewRequest(http.MethodPost, "/api/v1/requests/"+guid+filePath, nil)
	r.Header.Set("Authorization", "Bearer derya")
	rec := httptest.NewRecorder()
	w.station.ServeHTTP(until{rec, func() { w.redriven(guid, "%PDF-1.7 the second generation"); w.deliver(guid) }}, r)
	if rec.Code != 200 || rec.Body.String() != content {
		t.Fatalf("served %d %q", rec.Code, rec.Body)
	}
	if times, _ := w.collected(guid); times != 0 {
		t.Error("the report of generation 2 counts as collected")
	}
	w.want(200, "", "derya", "POST", "/requests/"+guid+filePath, "")
	if times, _ := w.collected(guid); times != 1 {
		t.Errorf("recorded %d times, want once", times)
	}
}

// A report that is fetched again is not served meanwhile, though one of its files
// is intact.
func TestNothingIsServedWhileItIsFetchedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.ask("top-games.v1")
	w.store(guid, time.Minute)
	w.move(guid, func(r *report.Request) (report.Move, error) { return r.Damaged(w.now, nil) })
	w.want(404, "report-unknown", "derya", "GET", "/requests/"+guid+filePath, "")
}

// conflicting refuses so many savings, as if another process had been quicker.
type conflicting struct {
	ledger.Tx
	times *int
}

func (c conflicting) Save(r *report.Request, was int64) error {
	if *c.times--; *c.times >= 0 {
		return ledger.ErrConflict
	}
	return c.Tx.Save(r, was)
}

// A download is recorded though the request changes at the same time.
func TestACollectionIsRecordedAfterAConflict(t *testing.T) {
	t.Parallel()
	w := newWorldKeeping(t, 0)
	guid := w.ask("top-games.v1")
	w.store(guid, time.Minute)
	w.deliver(guid)
	conflicts := 2
	w.faulty = func(tx ledger.Tx) ledger.Tx { return conflicting{tx, &conflicts} }
	w.want(200, "", "derya", "POST", "/requests/"+guid+filePath, "")
	if times, _ := w.collected(guid); times != 1 {
		t.Errorf("recorded %d times, want once", times)
	}
}
