package trace

import "peyk/internal/report"

// causeInWords says why a request failed as one would tell a colleague.
func causeInWords(code, locale string) string {
	for _, known := range []map[string]report.Text{ours(), theirs()} {
		if t, found := known[code]; found {
			return t.In(locale)
		}
	}
	return report.Text{
		EN: "Something went wrong while the report was prepared (" + code + ").",
		TR: "Rapor hazırlanırken bir sorun çıktı (" + code + ").",
	}.In(locale)
}

// ours are the causes found on this side of the border.
func ours() map[string]report.Text {
	return map[string]report.Text{
		"deadline": {
			EN: "It was not ready in the six hours a report may take.",
			TR: "Bir rapora tanınan altı saat içinde hazır olmadı.",
		},
		"verification": {
			EN: "The file that came was not the one the provider had announced, so we did not accept it.",
			TR: "Gelen dosya sağlayıcının bildirdiği dosya değildi, bu yüzden kabul etmedik.",
		},
		"storage": {
			EN: "The file was damaged in our own storage again and again. The operator has been told.",
			TR: "Dosya kendi depomuzda tekrar tekrar bozuldu. Operatöre haber verildi.",
		},
		"forgotten": {
			EN: "The provider lost the report several times.",
			TR: "Sağlayıcı raporu birkaç kez kaybetti.",
		},
		"tombstoned": {
			EN: "The provider no longer accepts this request.",
			TR: "Sağlayıcı bu isteği artık kabul etmiyor.",
		},
		"not-as-approved": {
			EN: "What would have run was not what was approved.",
			TR: "Çalışacak olan, onaylanan istek değildi.",
		},
	}
}

// theirs are those the provider names.
func theirs() map[string]report.Text {
	return map[string]report.Text{
		"invalid-parameters": {
			EN: "The provider did not accept the values of the form.",
			TR: "Sağlayıcı formdaki değerleri kabul etmedi.",
		},
		"poison": {
			EN: "Preparing this report stopped the provider's service again and again, so it is not tried any more. Asking for the same once more will not help; the operator can see why.",
			TR: "Bu rapor hazırlanırken sağlayıcının hizmeti tekrar tekrar durdu, bu yüzden artık denenmiyor. Aynısını yeniden istemek işe yaramaz; operatör nedenini görebilir.",
		},
		"too-expensive": {
			EN: "The report would read too much data. Ask for a shorter period, or for less.",
			TR: "Rapor çok fazla veri okuyacaktı. Daha kısa bir dönem ya da daha azını isteyin.",
		},
		"row-cap": {
			EN: "The report would have too many rows. Ask for a shorter period.",
			TR: "Raporda çok fazla satır olacaktı. Daha kısa bir dönem isteyin.",
		},
		"too-large": {
			EN: "The document would be too large. Ask for a shorter period.",
			TR: "Belge çok büyük olacaktı. Daha kısa bir dönem isteyin.",
		},
		"source-unavailable": {
			EN: "A source of data could not be reached. Asking again later may help.",
			TR: "Bir veri kaynağına ulaşılamadı. Daha sonra yeniden istemek işe yarayabilir.",
		},
		"source-timeout": {
			EN: "A source of data took too long to answer. Ask for a shorter period, or for less.",
			TR: "Bir veri kaynağının yanıtı çok uzun sürdü. Daha kısa bir dönem ya da daha azını isteyin.",
		},
		"source-malformed": {
			EN: "A file the report reads is not in order. Its author has to look at it.",
			TR: "Raporun okuduğu bir dosya düzgün değil. Raporu yazanın bakması gerekiyor.",
		},
	}
}
