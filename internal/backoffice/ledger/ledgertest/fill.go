package ledgertest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"
)

// istanbul is where the times of filled rows are told, to see them come back in
// UTC. A fixed zone, since the machine may know no others.
var istanbul = time.FixedZone("+03", 3*60*60)

// filled gives a T with every field set, each to a value of its own, so that a
// field a store forgets, mixes up or cuts is seen, also one added later. Times
// are told in another zone and have nanoseconds; see kept.
func filled[T any](seed int) T {
	var row T
	f := filler{n: seed * 100}
	f.fill(reflect.ValueOf(&row).Elem())
	return row
}

type filler struct{ n int }

func (f *filler) fill(v reflect.Value) {
	f.n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 2, 1, 3, 0, f.n, 987_654_321, istanbul)))
		return
	case time.Duration:
		v.SetInt(int64(f.n) * int64(time.Second))
		return
	case json.RawMessage:
		v.SetBytes(fmt.Appendf(nil, `{"şehir":"İzmir","n":%d,"list":[1,"ğ",null]}`, f.n))
		return
	}
	f.fillKind(v)
}

func (f *filler) fillKind(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("Şükrü'nün ığüşöç İĞÜŞÖÇ ₺ %d", f.n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(f.n))
	case reflect.Uint64:
		v.SetUint(uint64(f.n))
	case reflect.Uint8:
		v.SetUint(uint64(f.n % 256))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.fill(v.Index(0))
		f.fill(v.Index(1))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i))
		}
	default:
		panic(fmt.Sprintf("ledgertest cannot fill a %s yet", v.Type()))
	}
}

// kept gives the row as a ledger gives it back: times in UTC, microseconds.
func kept[T any](row T) T {
	out := reflect.New(reflect.TypeOf(row)).Elem()
	out.Set(reflect.ValueOf(tidy(row)))
	cutTimes(out)
	return out.Interface().(T)
}

func cutTimes(v reflect.Value) {
	if t, ok := v.Interface().(time.Time); ok {
		if !t.IsZero() {
			v.Set(reflect.ValueOf(t.UTC().Truncate(time.Microsecond)))
		}
		return
	}
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			cutTimes(v.Index(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			cutTimes(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			cutTimes(v.Field(i))
		}
	}
}
