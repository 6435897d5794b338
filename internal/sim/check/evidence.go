package check

import (
	"fmt"
	"strconv"
)

// text is a piece of evidence as text; "" where there is none. In memory it may
// have a type of its own that is a string underneath.
func text(evidence map[string]any, key string) string {
	switch v := evidence[key].(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

// number is a piece of evidence as a whole number: an int in memory, a float64
// read from JSON; 0 where there is none.
func number(evidence map[string]any, key string) int {
	switch v := evidence[key].(type) {
	case nil:
		return 0
	case int:
		return v
	case int64:
		return int(v)
	case float64:
		return int(v)
	default:
		n, err := strconv.Atoi(fmt.Sprint(v))
		if err != nil {
			return 0
		}
		return n
	}
}

// flag is a piece of evidence that is yes or no.
func flag(evidence map[string]any, key string) bool {
	v, _ := evidence[key].(bool)
	return v
}
