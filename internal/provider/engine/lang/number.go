package lang

import (
	"strconv"
	"strings"
)

// Currency is a kind of money, by its ISO 4217 code.
type Currency string

// The currencies that can be written.
const (
	TRY Currency = "TRY"
	USD Currency = "USD"
	EUR Currency = "EUR"
)

// Symbol is the sign before an amount; the code itself for one not known.
func (c Currency) Symbol() string {
	switch c {
	case TRY:
		return "₺"
	case USD:
		return "$"
	case EUR:
		return "€"
	}
	return string(c) + "\u00a0"
}

const minus = "−" // U+2212: as wide as a digit, unlike the hyphen

// Integer is 12.345 or 12,345.
func (l Language) Integer(n int64) string {
	return l.write(strconv.FormatInt(n, 10), "")
}

// Decimal has exactly that many digits after the decimal sign.
func (l Language) Decimal(v float64, digits int) string {
	return l.write(strconv.FormatFloat(v, 'f', digits, 64), "")
}

// Percent writes a share of 1: 0.96 is %96,0 or 96.0% with one digit.
func (l Language) Percent(share float64, digits int) string {
	number := strconv.FormatFloat(share*100, 'f', digits, 64)
	if l.percentFirst {
		return l.write(number, "%")
	}
	return l.write(number, "") + "%"
}

// Money is the amount behind its sign: ₺1.234,56.
func (l Language) Money(v float64, c Currency, digits int) string {
	return l.write(strconv.FormatFloat(v, 'f', digits, 64), c.Symbol())
}

// write puts grouping, the decimal sign, and between minus and figures the
// sign that belongs to them, into a number as Go writes it.
func (l Language) write(number, sign string) string {
	number, negative := strings.CutPrefix(number, "-")
	if negative && strings.Trim(number, "0.") == "" {
		negative = false // rounded to nothing: no minus before a zero
	}
	whole, fraction, _ := strings.Cut(number, ".")
	var b strings.Builder
	b.Grow(len(number) + len(number)/3 + len(sign) + len(minus))
	if negative {
		b.WriteString(minus)
	}
	b.WriteString(sign)
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(l.group)
		}
		b.WriteByte(whole[i])
	}
	if fraction != "" {
		b.WriteString(l.decimal)
		b.WriteString(fraction)
	}
	return b.String()
}
