package lang

import (
	"strings"
	"time"
)

// Language is one of the languages documents are written in. Use Of.
type Language struct {
	Tag            string // BCP 47, for the document's metadata
	group, decimal string
	percentFirst   bool
	shortDate      string // layout of time.Format
	months, days   []string
	scales         [3]string // thousand, million, billion
	Words          Words
}

// Words are the fixed texts of a document. Those with %s or %d are formats.
type Words struct {
	RequestedBy, Requested, Rows        string
	Total, Average, Count               string
	Subtotal, Share                     string
	ShareOfAll                          string // over the shares beside bars
	Others                              string // %d series in one
	HeadOnly, HeadAlone, HeadCut        string // %s of %s rows are here; the rest is in another file, can be had in one, or not
	AllColumns                          string // %s columns are one here
	Yes, No                             string
	Empty, EmptyPart                    string // instead of the tables: all was read, or not
	Internal                            string // who may read it
	Sources, Source, AsOf, RowsRead     string
	State, Complete, Partial, Unreached string
	AllRead, NotAllRead                 string // under the heading of the sources
	ReportNumber, ReportType, Prepared  string
	PageOf                              string // page %d of %d
}

// Of gives the language of a locale like "tr" or "tr-TR"; English for any other.
func Of(locale string) Language {
	if base, _, _ := strings.Cut(strings.ToLower(locale), "-"); base == "tr" {
		return turkish()
	}
	return english()
}

// Known reports whether documents can be written in locale ("tr", "en").
func Known(locale string) bool { return locale == "tr" || locale == "en" }

func turkish() Language {
	return Language{
		Tag: "tr-TR", group: ".", decimal: ",", percentFirst: true, shortDate: "02.01.2006",
		months: []string{"Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık"},
		days:   []string{"Pazar", "Pazartesi", "Salı", "Çarşamba", "Perşembe", "Cuma", "Cumartesi"},
		scales: [3]string{"bin", "milyon", "milyar"},
		Words: Words{
			RequestedBy: "İsteyen", Requested: "İstek", Rows: "Satır",
			Total: "Toplam", Average: "Ortalama", Count: "Sayı",
			Subtotal: "Ara toplam", Share: "Pay",
			ShareOfAll: "Toplamdaki pay", Others: "Diğer %d",
			HeadOnly:   "Burada ilk %s satır yer alıyor; %s satırın tamamı bu raporun tablo dosyasındadır.",
			HeadAlone:  "Burada ilk %s satır yer alıyor; %s satırın tamamı için raporu Excel olarak isteyin.",
			HeadCut:    "Burada ilk %s satır yer alıyor; tamamı %s satır. Daha dar bir istek hepsini gösterir.",
			AllColumns: "Burada tek sütunda toplanan %s sütunun her biri Excel dosyasındadır.",
			Yes:        "evet", No: "hayır",
			Empty:     "Bu koşullara uyan kayıt bulunamadı. Kaynakların tamamı okundu; sonuç gerçekten boş.",
			EmptyPart: "Okunan kısımda bu koşullara uyan kayıt bulunamadı. Kaynakların bazıları sonuna kadar okunmadı.",
			Internal:  "Şirket içi",
			Sources:   "Kaynaklar", Source: "Kaynak", AsOf: "Veri zamanı", RowsRead: "Okunan satır",
			State: "Durum", Complete: "Tam", Partial: "Eksik", Unreached: "Ulaşılamadı",
			AllRead:      "Tam: hiçbir kaynakta satır sınırına ulaşılmadı; kesilen veri yoktur.",
			NotAllRead:   "Eksik: aşağıdaki kaynakların bazıları sonuna kadar okunmadı.",
			ReportNumber: "Rapor numarası", ReportType: "Rapor türü", Prepared: "İstek zamanı",
			PageOf: "Sayfa %d / %d",
		},
	}
}

func english() Language {
	return Language{
		Tag: "en", group: ",", decimal: ".", shortDate: time.DateOnly,
		months: []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		days:   []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		scales: [3]string{"thousand", "million", "billion"},
		Words: Words{
			RequestedBy: "Requested by", Requested: "Requested", Rows: "Rows",
			Total: "Total", Average: "Average", Count: "Count",
			Subtotal: "Subtotal", Share: "Share",
			ShareOfAll: "Share of total", Others: "%d others",
			HeadOnly:   "The first %s rows are here; all %s are in the spreadsheet of this report.",
			HeadAlone:  "The first %s rows are here; to have all %s, ask for the report as Excel.",
			HeadCut:    "The first %s rows are here, of %s. A narrower request shows them all.",
			AllColumns: "Each of the %s columns added up here is in the Excel file.",
			Yes:        "yes", No: "no",
			Empty:     "Nothing matches these conditions. Every source was read to its end; the result really is empty.",
			EmptyPart: "Nothing matches these conditions in what was read. Some sources were not read to their end.",
			Internal:  "Internal",
			Sources:   "Sources", Source: "Source", AsOf: "As of", RowsRead: "Rows read",
			State: "State", Complete: "Complete", Partial: "Partial", Unreached: "Unreached",
			AllRead:      "Complete: no row cap was reached; nothing was cut.",
			NotAllRead:   "Partial: some of these sources were not read to their end.",
			ReportNumber: "Report number", ReportType: "Report type", Prepared: "Time of request",
			PageOf: "Page %d / %d",
		},
	}
}
