package blob_test

import (
	"testing"
	"time"

	"peyk/internal/blob"
	"peyk/internal/blob/blobtest"
)

func TestContract(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(t *testing.T) blobtest.Store {
		d, err := blob.OpenDir(t.Context(), t.TempDir(), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		return d
	})
}
