package demo

import "strings"

// The words titles are made of. Two languages, because the company buys from
// publishers at home and abroad.
const (
	turkishFirst = "Kayıp Sessiz Gümüş Kızıl Bakır Rüzgârlı Uykucu Çınlayan Yorgun Şaşkın Işıltılı Dalgın Küskün Tuzlu Söğütlü Tozlu İncirli Üşengeç"
	turkishLast  = "Değirmen Fener Kervan İskele Çarşı Bahçe Köprü Tılsım Pusula Martı Kütüphane Yayla Şömine Ütopya Güvercin Öykü Liman"
	englishFirst = "Copper Drowsy Marbled Velvet Saltwater Crooked Humble Lanternlit Juniper Windfall Quilted Brackish Thistle Pewter Wandering Foxglove Amber Hollow"
	englishLast  = "Almanac Orchard Ferry Postman Lighthouse Carousel Teapot Signal Meadow Clockmaker Harvest Bakery Observatory Regatta Sparrow Gazette Tramway Cartographer"
	turkishTails = "Kış Masalı|İkinci Perde|Gece Yarısı|Uzak Kıyılar|Büyük Yarış|Ustalık Çağı"
	englishTails = "Winter Tales|Second Act|Night Shift|Far Shores|The Long Way|After Hours"
)

// signatureTitles are the games everybody in the company knows.
const signatureTitles = "Küçük Bostan|Gece Treni: Doğu Ekspresi|Moss & Ember|Deniz Feneri|Paper Kingdoms|Anadolu Rallisi|Ironwood Chess|Yedi Tepe|Orbit Nine|Uçurtma Ustası"

const publisherNames = "Çınaraltı Oyun|Poyraz Stüdyo|Kırlangıç Yazılım|Yakamoz İnteraktif|Gökkuşağı Masa Oyunları|Üç Nokta Oyun|İkiz Fener|Bozkır Piksel|Şimşek & Oğulları|Ada Vapuru Stüdyo|" +
	"Lantern & Loom|Tin Whistle Works|Paperboat Collective|Northgate Sparrows|Umbra Teahouse|Left Shoe Games|Kettle & Kite|Halfmoon Foundry|Grey Heron Press|Quiet Comet"

// genreNames are pairs: Turkish, English.
const genreNames = "Macera/Adventure|Bulmaca/Puzzle|Strateji/Strategy|Yarış/Racing|Spor/Sports|Rol yapma/Role-playing|Benzetim/Simulation|Platform/Platformer|Kart ve masa/Card and board|Müzik/Music|Aksiyon/Action|Aile/Family|Dövüş/Fighting"

// genre is a kind of game; the code is its name in small letters and dashes.
type genre struct{ code, turkish, english string }

func genres() []genre {
	var all []genre
	for _, pair := range list(genreNames) {
		tr, en, _ := strings.Cut(pair, "/")
		all = append(all, genre{strings.ReplaceAll(strings.ToLower(en), " ", "-"), tr, en})
	}
	return all
}

// A market is a country the company sells to.
type market struct {
	code, turkish, english string
	weight                 float64 // of all players, in percent
	dial                   string
	first, last            string // names people there could have
}

// markets returns the countries, largest first.
func markets() []market {
	return []market{
		{"TR", "Türkiye", "Türkiye", 33.5, "+90", "Ayşe Fatma Elif Zeynep Derya Şule Çiğdem Gülşah İpek Özge Mehmet Mustafa Ahmet Murat Kağan Oğuz Uğur Işık Barış Cem", "Yılmaz Kaya Demir Şahin Çelik Yıldız Öztürk Aydın Özdemir Arslan Doğan Kılıç Aslan Çetin Koç Kurt Özkan Şimşek Güneş Aksoy"},
		{"DE", "Almanya", "Germany", 14.1, "+49", "Anna Lena Jürgen Sönke Lukas Katrin Uwe Bärbel", "Müller Schröder Weiß Vogel König Jäger Brandt Lorenz"},
		{"US", "ABD", "United States", 11.7, "+1", "Grace Olivia Ethan Mason Harper Walter Ruth Dale", "Miller Carter Brooks Hayes Coleman Whitaker Boone Lang"},
		{"GB", "Birleşik Krallık", "United Kingdom", 8.1, "+44", "Alice Imogen Rupert Callum Niamh Hugh Edith Rhys", "Ashworth Pemberton Lloyd Hartley Finch Barlow Sutcliffe Moss"},
		{"FR", "Fransa", "France", 6.7, "+33", "Amélie Zoé Gaël François Inès Théo Solène Rémi", "Lefèvre Moreau Béranger Garnier Dubois Chevalier Noël Perrin"},
		{"ES", "İspanya", "Spain", 4.9, "+34", "Lucía Íñigo Begoña Álvaro Inés Nicolás Pilar Hugo", "Núñez Ibáñez Castaño Vidal Ortega Peña Gálvez Serrano"},
		{"IT", "İtalya", "Italy", 4.5, "+39", "Chiara Niccolò Giulia Dario Elisa Renzo Noemi Tullio", "Ricci Conti Galli Ferri Moretti Sala Barbieri Longo"},
		{"NL", "Hollanda", "Netherlands", 3.7, "+31", "Sanne Joris Femke Daan Maaike Bram Lotte Thijs", "Bakker Visser Smit Dekker Kuiper Postma Hoekstra Vos"},
		{"PL", "Polonya", "Poland", 2.9, "+48", "Zofia Łukasz Agnieszka Paweł Małgorzata Jan Ewa Michał", "Nowak Wójcik Zając Krawczyk Górski Pawłowska Sikora Żak"},
		{"BR", "Brezilya", "Brazil", 2.8, "+55", "João Luísa Thiago Conceição Mário Bia Caetano Lívia", "Araújo Gonçalves Brandão Moura Teixeira Prado Falcão Rocha"},
		{"JP", "Japonya", "Japan", 2.3, "+81", "Haruka Kenji Yui Shōta Aoi Daichi Mei Ren", "Tanaka Ōno Mori Hayashi Kondō Ishii Saitō Ueda"},
		{"CA", "Kanada", "Canada", 2.1, "+1", "Maude Owen Chloé Tristan Piper Wyatt Élise Grant", "Tremblay MacLeod Gagnon Fraser Bouchard Sinclair Côté Reid"},
		{"SE", "İsveç", "Sweden", 1.5, "+46", "Åsa Björn Maja Östen Linnéa Göran Ebba Nils", "Lindström Åkesson Öberg Sjögren Holm Ekman Nyström Dahl"},
		{"RO", "Romanya", "Romania", 1.2, "+40", "Ioana Ștefan Andreea Răzvan Mălina Țugui Matei Ilinca", "Ionescu Pârvu Munteanu Șerban Rusu Țepeș Dobre Vlaicu"},
	}
}

func list(s string) []string { return strings.Split(s, "|") }
