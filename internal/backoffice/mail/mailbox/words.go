package mailbox

import (
	"fmt"
	"net/http"
	"strings"
)

// words are the texts of the pages in one language.
type words struct {
	Lang, TimeLayout, decimal                  string
	Mailbox, Intro, Found, None, NoneFound     string
	To, GUID, Search, ShowAll, Older           string
	From, Received, Request, Size              string
	NoSubject, Attachments, Raw, Text, Headers string
	Back, Mail, NotFound, Broken, Skip         string
}

func english() words {
	return words{
		Lang: "en", TimeLayout: "2 Jan 2006 15:04:05", decimal: ".",
		Mailbox: "Mailbox", Intro: "Every e-mail Peyk sent from this machine, newest first.",
		Found: "The e-mails that match, newest first.",
		None:  "No e-mail has been sent yet.", NoneFound: "No e-mail matches.",
		To: "To", GUID: "Request number", Search: "Search", ShowAll: "Show all", Older: "Older e-mails",
		From: "From", Received: "Received", Request: "Request", Size: "Size",
		NoSubject: "(no subject)", Attachments: "Attachments", Raw: "Download as .eml", Text: "As plain text", Headers: "Header fields",
		Back: "All e-mails", Mail: "The e-mail as it is read", NotFound: "There is no such page or e-mail here.",
		Broken: "This e-mail cannot be read at the moment. The log says why.", Skip: "Skip to content",
	}
}

func turkish() words {
	return words{
		Lang: "tr", TimeLayout: "02.01.2006 15:04:05", decimal: ",",
		Mailbox: "Posta kutusu", Intro: "Bu makineden gönderilen bütün e-postalar, en yenisi üstte.",
		Found: "Aramaya uyan e-postalar, en yenisi üstte.",
		None:  "Henüz gönderilmiş bir e-posta yok.", NoneFound: "Aramaya uyan e-posta yok.",
		To: "Kime", GUID: "İstek numarası", Search: "Ara", ShowAll: "Hepsini göster", Older: "Daha eski e-postalar",
		From: "Kimden", Received: "Geldi", Request: "İstek", Size: "Boyut",
		NoSubject: "(konusuz)", Attachments: "Ekler", Raw: ".eml olarak indir", Text: "Düz metin hâli", Headers: "Başlıklar",
		Back: "Bütün e-postalar", Mail: "E-postanın okunan hâli", NotFound: "Burada böyle bir sayfa ya da e-posta yok.",
		Broken: "Bu e-posta şu anda okunamıyor. Nedeni günlükte yazıyor.", Skip: "İçeriğe geç",
	}
}

// sentence says what a failed request means.
func sentence(code int, w words) string {
	if code == http.StatusNotFound {
		return w.NotFound
	}
	return w.Broken
}

// size writes a number of bytes as people see it beside a file.
func (w words) size(n int64) string {
	const kb, mb = 1 << 10, 1 << 20
	if n < mb {
		return fmt.Sprintf("%d KB", max(1, (n+kb/2)/kb))
	}
	return strings.Replace(fmt.Sprintf("%.1f MB", float64(n)/mb), ".", w.decimal, 1)
}
