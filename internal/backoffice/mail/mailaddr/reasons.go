package mailaddr

import (
	"fmt"

	"peyk/internal/report"
)

func notAlone() report.Text {
	return report.Text{
		EN: "Enter the address alone, without a name, spaces, quotes or brackets, such as ayse@company.example.",
		TR: "Adresi tek başına yazın: ad, boşluk, tırnak ya da ayraç olmadan; örneğin ayse@sirket.example.",
	}
}

func incomplete() report.Text {
	return report.Text{
		EN: "An address has a part before @ and a domain after it. Enter the whole address, such as ayse@company.example.",
		TR: "Adreste @ işaretinden önce bir bölüm, sonra bir alan adı olur. Adresi eksiksiz yazın; örneğin ayse@sirket.example.",
	}
}

func foreign(letter rune) report.Text {
	return report.Text{
		EN: fmt.Sprintf("The part before @ contains %q, which emails cannot be sent to. "+
			"Enter the mailbox's address in the letters a-z, digits and signs such as . _ - +, for example ayse@company.example.", letter),
		TR: fmt.Sprintf("@ işaretinden önceki bölümde %q var; böyle bir adrese e-posta gönderilemiyor. "+
			"Posta kutusunun a-z harfleri, rakamlar ve . _ - + gibi işaretlerle yazılan adresini girin; örneğin ayse@sirket.example.", letter),
	}
}

func badLocal() report.Text {
	return report.Text{
		EN: "The part before @ is not valid. Use the letters a-z, digits and signs such as . _ - +; a dot is not first, last or doubled.",
		TR: "@ işaretinden önceki bölüm geçerli değil. a-z harfleri, rakamlar ve . _ - + gibi işaretler kullanın; nokta başta, sonda ya da yan yana olamaz.",
	}
}

func badDomain() report.Text {
	return report.Text{
		EN: "The domain after @ is not valid. Check how it is written, such as company.example.",
		TR: "@ işaretinden sonraki alan adı geçerli değil. Nasıl yazıldığına bakın; örneğin sirket.example.",
	}
}

func tooLong() report.Text {
	return report.Text{
		EN: fmt.Sprintf("The address is too long: it may have %d characters before @ and %d in all. Enter a shorter one.", maxLocal, maxAddress),
		TR: fmt.Sprintf("Adres çok uzun: @ işaretinden önce en çok %d, toplamda en çok %d karakter olabilir. Daha kısa bir adres yazın.", maxLocal, maxAddress),
	}
}
