package mail_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"testing"
	"time"

	"peyk/internal/backoffice/mail"
	"peyk/internal/report"
)

const guid = "01a2082b-96d0-7c3e-9a41-5d0be27f8c16"

// sentAt is a winter afternoon in Istanbul, given in UTC.
func sentAt() time.Time { return time.Date(2026, 11, 23, 11, 34, 12, 0, time.UTC) }

// shelf is a storage in memory, by key.
type shelf map[string][]byte

func (s shelf) open(_ context.Context, key string) (io.ReadCloser, error) {
	b, ok := s[key]
	if !ok {
		return nil, fmt.Errorf("open %s: %w", key, fs.ErrNotExist)
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

// put lays bytes on the shelf and describes them as a file of a report.
func (s shelf) put(name, mediaType string, pages, rows int, content []byte) mail.File {
	key := guid + "/1/" + name
	s[key] = content
	sum := sha256.Sum256(content)
	return mail.File{
		File: report.File{
			Name: name, MediaType: mediaType, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), Pages: pages, Rows: rows,
		},
		Key: key,
	}
}

const excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// letter is one that has everything said in it that its kind can say.
func letter(t *testing.T, kind mail.Kind, locale string, s shelf) mail.Letter {
	t.Helper()
	istanbul, err := time.LoadLocation("Europe/Istanbul")
	if err != nil {
		t.Fatal(err)
	}
	l := mail.Letter{
		Kind: kind, Locale: locale, TimeZone: istanbul,
		From:       mail.Person{Name: "Peyk", Address: "peyk@kule.example"},
		To:         mail.Person{Name: "Derya Aksoy", Address: "derya.aksoy@kule.example"},
		Requester:  mail.Person{Name: "Derya Aksoy", Address: "derya.aksoy@kule.example"},
		Host:       "kule.example",
		ReplyTo:    mail.Person{Name: "Çağrı Öztürk", Address: "cagri@kule.example"},
		GUID:       guid,
		Generation: 1,
		Link:       "https://peyk.kule.example/r/" + guid,
	}
	speak(&l)
	switch {
	case kind == mail.Asking:
		l.To = mail.Person{Name: "Murat Yıldız", Address: "murat.yildiz@kule.example"}
		l.AnswerBy = sentAt().Add(24 * time.Hour)
	case kind == mail.Late:
		l.PromisedBy, l.ExpectedBy = sentAt().Add(-time.Minute), sentAt().Add(12*time.Minute)
	case kind == mail.Expired:
		l.AnswerBy = sentAt()
	case kind.Ready():
		rows := 140
		if kind == mail.Empty {
			rows, l.Finding = 0, ""
		}
		l.Files = []mail.File{
			s.put("olumlu-yorum-ülke-satış-2025.pdf", "application/pdf", 2, rows, bytes.Repeat([]byte("%PDF-1.7 "), 46_876)),
			s.put("olumlu-yorum-ülke-satış-2025.xlsx", excel, 0, rows, bytes.Repeat([]byte("PK\x03\x04"), 9_728)),
		}
		l.KeptUntil = time.Date(2026, 12, 23, 9, 0, 0, 0, time.UTC)
	}
	if kind.Ready() || kind == mail.Declined {
		l.DecidedBy, l.DecidedAt = "Murat Yıldız", sentAt().Add(-2*time.Minute)
	}
	return l
}

// speak fills in the texts that come from other places in the letter's
// language.
func speak(l *mail.Letter) {
	turkish := l.Locale == "tr"
	pick := func(tr, en string) string {
		if turkish {
			return tr
		}
		return en
	}
	l.ReportTitle = pick("En çok olumlu yorum alan oyunlar – ülke bazında satış", "Top games by positive reviews – sales by country")
	l.Sentence = pick("2025, ilk 10 oyun, 14 ülke, en az 500 yorum", "2025, top 10 games, 14 countries, at least 500 reviews")
	l.Finding = pick("Toplam ₺49,1 milyon; en büyük pay Türkiye, %33,5", "₺49.1 million in total; the largest share is Turkey’s, 33.5%")
	switch l.Kind {
	case mail.Asking:
		l.Reason = pick("Yönetim kurulu sunumu için gerekiyor.", "Needed for the board meeting.")
		l.WhyAsked = pick("500 satırdan büyük raporları siz onaylıyorsunuz", "you approve reports of more than 500 rows")
		l.Estimate = pick("yaklaşık 4 dakika", "about 4 minutes")
	case mail.Declined:
		l.Reason = pick("Aynı rapor geçen hafta hazırlandı.\nLütfen onu kullanın.", "The same report was made last week.\nPlease use that one.")
	case mail.Rejected:
		l.FailureSentence = pick("2025 yılı için ülke bilgisi tutulmuyor.", "Countries are not recorded for 2025.")
	case mail.Failed:
		l.FailureSentence = pick("Satış veritabanı 6 saat boyunca yanıt vermedi.", "The sales database did not answer for 6 hours.")
	case mail.Cancelled:
		l.DecidedBy = "Derya Aksoy"
		l.Reason = pick("Yanlış yılı seçtim.", "I chose the wrong year.")
	}
}

// composer is a fresh one for each test.
func composer(t *testing.T) *mail.Composer {
	t.Helper()
	c, err := mail.NewComposer()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
