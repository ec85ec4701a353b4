package dump

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"headwater/ingest"
)

func TestBatchesHaveASensibleSize(t *testing.T) {
	var many []string
	for i := range 2*batchSpans + 1 {
		many = append(many, fmt.Sprint(i))
	}
	var text strings.Builder
	for range 50 {
		text.WriteString(line(t, "small") + "\n")
	}
	text.WriteString(line(t, many...) + "\n")
	text.WriteString(line(t, "last"))
	sink := &collector{}
	if _, err := Read(t.Context(), []Input{named("dump", text.String())}, sink, Options{}); err != nil {
		t.Fatal(err)
	}
	var sizes []int
	for _, b := range sink.batches {
		sizes = append(sizes, len(b))
	}
	if diff := cmp.Diff([]int{50, batchSpans, batchSpans, 1, 1}, sizes); diff != "" {
		t.Errorf("batch sizes (-want +got):\n%s", diff)
	}
	want := slices.Concat(slices.Repeat([]string{"small"}, 50), many, []string{"last"})
	if !slices.Equal(want, sink.names()) {
		t.Error("the spans came in another order")
	}
}

func TestABusySinkIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := 5
		sink := &collector{fail: func() error {
			if busy--; busy >= 0 {
				return fmt.Errorf("queue full: %w", ingest.ErrBusy)
			}
			return nil
		}}
		stats, err := Read(t.Context(), []Input{named("dump", line(t, "a"))}, sink, Options{})
		if err != nil || stats.Spans != 1 || len(sink.names()) != 1 {
			t.Errorf("%+v, %v", stats, err)
		}
	})
}

func TestASinkThatStaysBusyIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &collector{fail: func() error { return ingest.ErrBusy }}
		stats, err := Read(t.Context(), []Input{named("dump", line(t, "a"))}, sink, Options{})
		if !errors.Is(err, ingest.ErrBusy) || stats.Spans != 0 {
			t.Errorf("%+v, %v", stats, err)
		}
	})
}

func TestFailuresEndReading(t *testing.T) {
	broken := errors.New("disk on fire")
	t.Run("writing", func(t *testing.T) {
		sink := &collector{fail: func() error { return broken }}
		if _, err := Read(t.Context(), []Input{named("dump", line(t, "a"))}, sink, Options{}); !errors.Is(err, broken) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("reading", func(t *testing.T) {
		in := Input{Name: "dump", Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(line(t, "a")), failing{broken})), nil
		}}
		_, err := Read(t.Context(), []Input{in}, &collector{}, Options{})
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), "dump") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Read(ctx, []Input{named("dump", line(t, "a"))}, &collector{}, Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
