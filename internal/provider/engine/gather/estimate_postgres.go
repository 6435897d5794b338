package gather

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/query"
)

// estimate asks the planner for the largest number of rows of any step.
func (p postgres) estimate(ctx context.Context, s definition.Source, values map[query.Placeholder]any) (n int64, err error) {
	args, err := texts(s.Query, values)
	if err != nil {
		return 0, fmt.Errorf("estimate source %s: %w", s.Name, err)
	}
	err = p.use(ctx, s, func(conn *pgconn.PgConn) error {
		began := time.Now()
		if _, err := begin(ctx, conn, s); err != nil {
			return err
		}
		answer := conn.ExecParams(ctx, "EXPLAIN (FORMAT JSON) "+s.Query.Text, args, nil, nil, nil).Read()
		if answer.Err != nil {
			return failedPostgres(s, began, answer.Err)
		}
		n, err = largest(answer.Rows)
		return err
	})
	return n, err
}

// plan is a step of PostgreSQL's plan, with the steps beneath.
type plan struct {
	Rows  float64 `json:"Plan Rows"`
	Plans []plan  `json:"Plans"`
}

func largest(answer [][][]byte) (int64, error) {
	var plans []struct{ Plan plan }
	if len(answer) != 1 {
		return 0, fmt.Errorf("read a plan: %d rows", len(answer))
	}
	if err := json.Unmarshal(answer[0][0], &plans); err != nil {
		return 0, fmt.Errorf("read a plan: %w", err)
	}
	most := 0.0
	for _, p := range plans {
		most = max(most, p.Plan.most())
	}
	return int64(min(most, 1<<62)), nil
}

func (p plan) most() float64 {
	most := p.Rows
	for _, child := range p.Plans {
		most = max(most, child.most())
	}
	return most
}
