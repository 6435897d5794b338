package gather_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/query"
	"peyk/internal/report"
)

// kind is a kind of database and what its SQL has of its own.
type kind struct {
	name    string
	dialect query.Dialect
	open    func(tb testing.TB, statements ...string) *gather.Places
	numbers string // %d rows i from 1 on
	endless string // never gives its row
}

func kinds() []kind {
	return []kind{
		{
			name: "SQLite", dialect: query.SQLite,
			open: func(tb testing.TB, statements ...string) *gather.Places {
				tb.Helper()
				return newShed(tb, statements...).open(tb)
			},
			numbers: "with recursive n(i) as (values (1) union all select i+1 from n where i < %d) select i from n",
			endless: "with recursive n(i) as (values (1) union all select i+1 from n) select count(*) c from n",
		},
		{
			name: "PostgreSQL", dialect: query.PostgreSQL,
			open: func(tb testing.TB, statements ...string) *gather.Places {
				tb.Helper()
				s, _ := newPostgres(tb, statements...)
				return s.open(tb)
			},
			numbers: "select i from generate_series(1, %d) i",
			endless: "select count(*) c from generate_series(1, 1000000000000) i",
		},
	}
}

// onBoth runs the test once for each kind.
func onBoth(t *testing.T, test func(t *testing.T, k kind)) {
	t.Helper()
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			test(t, k)
		})
	}
}

// source x of the database shop.
func (k kind) source(tb testing.TB, text string) definition.Source {
	tb.Helper()
	q, err := query.ParseFor(k.dialect, text)
	if err != nil {
		tb.Fatalf("%q: %v", text, err)
	}
	return definition.Source{Name: "x", Database: "shop", Query: q}
}

func TestTypesAndNullsArrive(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, k kind) {
		p := k.open(t, "create table v (i bigint, r double precision, n numeric(12,2), s text, d date, b boolean)",
			"insert into v values (9223372036854775807, 0.1, 1234.50, 'İğne ''x''', '2026-11-23', true)",
			"insert into v values (-9223372036854775808, -1.5e300, 7.00, '', '0001-01-01', false)",
			"insert into v values (null, null, null, null, null, null)")
		got, err := p.Gather(context.Background(), job(t, "select * from x", k.source(t, "select * from v")))
		want := [][]any{
			{int64(9223372036854775807), 0.1, 1234.5, "İğne 'x'", "2026-11-23", int64(1)},
			{int64(-9223372036854775808), -1.5e300, int64(7), "", "0001-01-01", int64(0)},
			{nil, nil, nil, nil, nil, nil},
		}
		if err != nil || !reflect.DeepEqual(got.Table.Rows, want) {
			t.Errorf("got %#v, %v; want %#v", got.Table.Rows, err, want)
		}
	})
}

func TestBoundValuesAreOnlyValues(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, k kind) {
		p := k.open(t, "create table w (name text, at date, n integer)", "insert into w values ('a', '2026-11-01', 1), ('b', '2026-11-02', 2), ('c', '2026-12-01', 3)")
		for _, name := range []string{
			"'; drop table w; --", `' or '1'='1`, "$1", "\\'; drop table w; --", ":p1", "", "a\nb", "/*", "$$", "' union select 'x', '2026-01-01', 1 --",
		} {
			j := job(t, "select count(*), (select count(*) from y) from x",
				k.source(t, "select * from w where name = :name and at >= :period.from and at < :period.to and n > :n"),
				k.source(t, "select * from w where :name <> 'never' and n >= :n"))
			j.Sources[1].Name = "y"
			j.Values = map[query.Placeholder]any{
				{Name: "name"}: name, {Name: "n"}: int64(0),
				{Name: "period", Field: "from"}: "2026-11-01", {Name: "period", Field: "to"}: "2026-12-01",
			}
			got, err := p.Gather(context.Background(), j)
			if err != nil || !reflect.DeepEqual(got.Table.Rows, [][]any{{int64(0), int64(3)}}) {
				t.Errorf("%q: got %v, %v", name, got.Table.Rows, err)
			}
			j.Values[query.Placeholder{Name: "name"}] = "a"
			if got, err := p.Gather(context.Background(), j); err != nil || got.Table.Rows[0][0] != int64(1) {
				t.Errorf("after %q: got %v, %v", name, got.Table.Rows, err)
			}
		}
	})
}

func TestCapsAndParts(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, k kind) {
		p := k.open(t)
		for _, c := range []struct {
			has, rows int
			partial   bool
			state     report.SourceState // "": row-cap
		}{
			{1000, 0, false, report.SourceComplete}, {1001, 0, false, ""}, {1001, 0, true, report.SourcePartial},
			{7, 7, false, report.SourceComplete}, {8, 7, false, ""}, {7, 7, true, report.SourceComplete}, {8, 7, true, report.SourcePartial},
			{100_000, 600, true, report.SourcePartial}, {1000, 5000, true, report.SourceComplete}, {1001, 5000, false, ""},
			{0, 1, true, report.SourceComplete},
		} {
			s := k.source(t, fmt.Sprintf("select i from ("+k.numbers+") q where i <= %d", max(1, c.has), c.has))
			s.Rows, s.Partial = c.rows, c.partial
			got, err := p.Gather(context.Background(), job(t, "select count(*), max(i) from x", s))
			if c.state == "" {
				if report.CodeOf(err) != "row-cap" || report.ClassOf(err) != report.Permanent {
					t.Errorf("%+v: got %v", c, err)
				}
				continue
			}
			most := min(c.has, 1000)
			if c.rows > 0 {
				most = min(most, c.rows)
			}
			var top any
			if most > 0 {
				top = int64(most)
			}
			if err != nil || !reflect.DeepEqual(got.Table.Rows, [][]any{{int64(most), top}}) || got.Sources[0].State != c.state || got.Sources[0].Rows != most {
				t.Errorf("%+v: got %v, %+v, %v", c, got.Table.Rows, got.Sources, err)
			}
		}
	})
}

func TestASourceHasItsTime(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, k kind) {
		s := k.source(t, k.endless)
		s.Timeout = 100 * time.Millisecond
		p := k.open(t)
		_, err := p.Gather(context.Background(), job(t, "select 1", s))
		var e *report.Error
		if !errors.As(err, &e) || e.Code != "source-timeout" || e.Class != report.Permanent || !strings.Contains(e.Sentence, "source x took longer than 100ms") {
			t.Errorf("got %v", err)
		}
		if _, err := p.Gather(context.Background(), job(t, "select 1", k.source(t, "select * from one"))); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

func TestCancelEndsAQueryThatGivesNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, k kind) {
		p := k.open(t)
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err := p.Gather(ctx, job(t, "select 1", k.source(t, k.endless)))
		var classed *report.Error
		if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &classed) || took > 2*time.Second {
			t.Errorf("after %v: got %v", took, err)
		}
	})
}

func TestBothMeetInOneReport(t *testing.T) {
	t.Parallel()
	s := newShed(t)
	pg, _ := newPostgres(t, "create table more (id bigint, price numeric)", "insert into more values (1, 0.10), (2, 19.90)")
	s.put(t, "files/games.csv", "id,title\n1,Bostan\n2,Kule\n")
	if err := appendSources(s, pg); err != nil {
		t.Fatal(err)
	}
	more := kinds()[1].source(t, "select * from more where id >= :least::bigint")
	more.Name, more.Database = "more", "market"
	j := job(t, "select one.name, title, price from one join more using (id) join games using (id) order by 1",
		from(t, "one", "select * from one"), more, csv("games", "games.csv"))
	j.Values = map[query.Placeholder]any{{Name: "least"}: int64(1)}
	before := time.Now().Add(-time.Minute)
	got, err := s.open(t).Gather(context.Background(), j)
	if want := [][]any{{"a", "Bostan", 0.1}, {"b", "Kule", 19.9}}; err != nil || !reflect.DeepEqual(got.Table.Rows, want) {
		t.Fatalf("got %v, %v; want %v", got.Table.Rows, err, want)
	}
	if at := got.Sources[1].AsOf; at.Before(before) || at.After(time.Now().Add(time.Minute)) {
		t.Errorf("the snapshot is of %v", at)
	}
}

func TestPostgreSQLsTypes(t *testing.T) {
	t.Parallel()
	p := kinds()[1].open(t)
	ask := func(text string) (any, error) {
		got, err := p.Gather(context.Background(), job(t, "select v from x", kinds()[1].source(t, "select "+text+" v")))
		if err != nil {
			return nil, err
		}
		return got.Table.Rows[0][0], nil
	}
	for text, want := range map[string]any{
		"7::smallint": int64(7), "-7::int4": int64(-7), "12::oid": int64(12), "0.1::float4": 0.1, "1e300::float8": 1e300, "'inf'::float8": math.Inf(1),
		"1234.50::numeric": 1234.5, "9223372036854775807::numeric": int64(9223372036854775807), "7.000::numeric": int64(7), "-0.07::numeric(9,2)": -0.07,
		"(select avg(i) from (values (1), (2), (2)) q(i))": 5.0 / 3, "9999999999999.99::numeric": 9999999999999.99, "123456789.123456::numeric": 123456789.123456,
		"'a'::varchar": "a", "'ab'::char(4)": "ab  ", "'x'": "x", "'n'::name": "n", "date '2026-11-23'": "2026-11-23", "time '11:32'": "11:32:00",
		"timestamp '2026-11-23 11:32:41.5'": "2026-11-23 11:32:41.5", "timestamptz '2026-11-23 11:32:41+03'": "2026-11-23 08:32:41Z",
		"'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", `'{"a": [1]}'::jsonb`: `{"a": [1]}`, `'{"a":1}'::json`: `{"a":1}`,
		"true": int64(1), "false": int64(0), "null::int": nil, "null::text": nil, "''::text": "",
	} {
		if got, err := ask(text); err != nil || got != want {
			t.Errorf("%s: got %#v, %v; want %#v", text, got, err, want)
		}
	}
	for text, says := range map[string]string{
		"array[1,2]": "The column v of the source x has a type that reports do not read (_int4); its SQL should cast it", "interval '1 day'": "(interval)",
		"'\\x00'::bytea": "(bytea)", "1::money": "do not read", "int4range(1,2)": "(int4range)", "row(1,2)": "(record)",
		"12345678901234.56::numeric": "has 12345678901234.56, which has no exact place", "1e30::numeric": "no exact place", "'nan'::numeric": "no exact place",
		"'nan'::float8": "has NaN", "0.1234567890123456::numeric * 100000000000": "no exact place",
	} {
		_, err := ask(text)
		var e *report.Error
		if !errors.As(err, &e) || e.Code != "source-type" || e.Class != report.Permanent || !strings.Contains(e.Sentence, says) {
			t.Errorf("%s: got %v, want %q", text, err, says)
		}
	}
}

// TestNumericIsExactOrRefused: what arrives, written out again, is the number.
func TestNumericIsExactOrRefused(t *testing.T) {
	t.Parallel()
	p := kinds()[1].open(t)
	rapid.Check(t, func(r *rapid.T) {
		scale := rapid.IntRange(0, 6).Draw(r, "scale")
		n := rapid.Int64().Draw(r, "n") >> rapid.IntRange(0, 60).Draw(r, "smaller")
		want := new(big.Rat).SetFrac(big.NewInt(n), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
		text := want.FloatString(scale)
		got, err := p.Gather(context.Background(), job(t, "select v from x", kinds()[1].source(t, "select '"+text+"'::numeric v")))
		if err != nil {
			if report.CodeOf(err) != "source-type" || n < 1e15 && n > -1e15 {
				r.Fatalf("%s: %v", text, err)
			}
			return
		}
		back, ok := new(big.Rat).SetString(fmt.Sprint(got.Table.Rows[0][0]))
		if !ok || back.Cmp(want) != 0 {
			r.Fatalf("%s arrived as %v", text, got.Table.Rows[0][0])
		}
	})
}
