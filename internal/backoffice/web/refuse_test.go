package web_test

import (
	"net/http"
	"strings"
	"testing"

	"peyk/internal/protocol"
)

// Each refusal of the trigger has its page, with a way on; none shows the
// trigger's own words.
func TestRefusalsHavePages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked("derya", "none")
	b := w.as("derya")
	for status, c := range map[int]struct {
		page  int
		words string
	}{
		http.StatusForbidden:           {http.StatusForbidden, "İzin yok"},
		http.StatusNotFound:            {http.StatusNotFound, "Bulunamadı"},
		http.StatusConflict:            {http.StatusConflict, "Bu arada durum değişti"},
		http.StatusGone:                {http.StatusGone, "Artık saklanmıyor"},
		http.StatusTooManyRequests:     {http.StatusTooManyRequests, "beş kez yeniden gönderdiniz"},
		http.StatusUnauthorized:        {http.StatusInternalServerError, "Hata bizde"},
		http.StatusBadRequest:          {http.StatusInternalServerError, "Hata bizde"},
		http.StatusInternalServerError: {http.StatusServiceUnavailable, "hiçbir şey değişmedi"},
		http.StatusServiceUnavailable:  {http.StatusServiceUnavailable, "hiçbir şey değişmedi"},
	} {
		w.trigger.refuse(protocol.NewProblem(status, "some-code", "the trigger's own words"))
		res := b.post("/r/"+r.GUID+"/cancel", nil)
		read := text(res.page())
		if res.status != c.page || !strings.Contains(read, c.words) || strings.Contains(read, "own words") {
			t.Errorf("the trigger says %d, the page is %d: %s", status, res.status, read)
		}
	}
}

// Nobody listens where the trigger should be: acts say so, pages go on.
func TestPagesGoOnWithoutTheTrigger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked("derya", "none", delivered()...)
	waiting := w.asked("derya", "approver")
	b := w.as("derya")
	w.api.Close()
	for call, status := range map[string]int{
		"GET /reports": http.StatusOK, "GET /r/" + r.GUID: http.StatusOK, "GET /new": http.StatusOK,
		"POST /r/" + waiting.GUID + "/cancel":       http.StatusServiceUnavailable,
		"GET /r/" + r.GUID + "/files/top-games.pdf": http.StatusServiceUnavailable,
	} {
		if res := b.call(call); res.status != status {
			t.Errorf("%s: %d, want %d", call, res.status, status)
		}
	}
}
