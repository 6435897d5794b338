package ledgertest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// same compares what came with what was expected, times and their zone
// included. Whether nothing is nil or empty makes no difference.
func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if d := difference(got, want); d != "" {
		t.Errorf("%s:\n%s", what, d)
	}
}

// difference shows the lines in which two values differ; "" if in none.
func difference(got, want any) string {
	if reflect.DeepEqual(tidy(got), tidy(want)) {
		return ""
	}
	g, w := lines(got), lines(want)
	var out strings.Builder
	for i := range max(len(g), len(w)) {
		if a, b := line(g, i), line(w, i); a != b {
			fmt.Fprintf(&out, "  got  %s\n  want %s\n", a, b)
		}
	}
	if out.Len() == 0 {
		fmt.Fprintf(&out, "  got  %#v\n  want %#v\n", got, want)
	}
	return out.String()
}

func lines(v any) []string {
	raw, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		raw = fmt.Appendf(nil, "%+v", v)
	}
	return strings.Split(string(raw), "\n")
}

func line(all []string, i int) string {
	if i < len(all) {
		return all[i]
	}
	return "(nothing)"
}

// tidy gives a copy, sharing no memory, in which every empty slice or map is nil.
func tidy(v any) any {
	if v == nil {
		return nil
	}
	return tidied(reflect.ValueOf(v)).Interface()
}

func tidyInto(v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		tidySlice(v)
	case reflect.Map:
		tidyMap(v)
	case reflect.Pointer:
		if !v.IsNil() {
			c := reflect.New(v.Type().Elem())
			c.Elem().Set(v.Elem())
			tidyInto(c.Elem())
			v.Set(c)
		}
	case reflect.Interface:
		if !v.IsNil() {
			v.Set(tidied(v.Elem()))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				tidyInto(v.Field(i))
			}
		}
	}
}

func tidied(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	tidyInto(c)
	return c
}

func tidyMap(v reflect.Value) {
	if v.Len() == 0 {
		v.SetZero()
		return
	}
	c := reflect.MakeMap(v.Type())
	for _, k := range v.MapKeys() {
		c.SetMapIndex(k, tidied(v.MapIndex(k)))
	}
	v.Set(c)
}

func tidySlice(v reflect.Value) {
	if v.Len() == 0 {
		v.SetZero()
		return
	}
	c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	reflect.Copy(c, v)
	for i := range c.Len() {
		tidyInto(c.Index(i))
	}
	v.Set(c)
}
