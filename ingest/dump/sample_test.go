package dump

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"headwater/graph/trace"
	"headwater/ingest"
	"headwater/ingest/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

// keeper keeps the spans as they are when they were written as OTLP and read
// again.
type keeper struct{ spans []trace.Span }

func (k *keeper) Write(_ context.Context, b *ingest.Batch) error {
	request, err := wire.Encode(b.Spans)
	if err != nil {
		return err
	}
	spans, refused, err := wire.Decode(request)
	if err == nil && (len(refused) > 0 || len(spans) != len(b.Spans)) {
		err = fmt.Errorf("%d of %d spans can be read again, refused %v", len(spans), len(b.Spans), refused)
	}
	k.spans = append(k.spans, spans...)
	if b.Free != nil { // what is wrongly shared shows
		b.Free()
	}
	return err
}

// TestSamples reads a file of each form; the golden files say what spans it
// holds. testdata/samples/README.md says where the files come from.
func TestSamples(t *testing.T) {
	files, err := filepath.Glob("testdata/samples/*.*")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".md") {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var all keeper
			stats, err := Read(t.Context(), []Input{named(filepath.Base(file), string(content))}, &all, Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := describe(all.spans, stats)
			golden := filepath.Join("testdata", "samples", "golden", filepath.Base(file)+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("spans (-golden +got):\n%s", diff)
			}
			// The same, a byte at a time and packed.
			for _, how := range []func(string) io.Reader{
				func(s string) io.Reader { return iotest.OneByteReader(strings.NewReader(s)) },
				func(s string) io.Reader { return strings.NewReader(zstandard(t, s)) },
			} {
				var again keeper
				in := Input{Name: filepath.Base(file), Open: func() (io.ReadCloser, error) { return io.NopCloser(how(string(content))), nil }}
				stats, err := Read(t.Context(), []Input{in}, &again, Options{})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(got, describe(again.spans, stats)); diff != "" {
					t.Errorf("read in another way (-plain +other):\n%s", diff)
				}
			}
		})
	}
}

// describe writes spans for a person to check.
func describe(spans []trace.Span, stats Stats) string {
	var b strings.Builder
	for i := range spans {
		s := &spans[i]
		fmt.Fprintf(&b, "%s %s below %s\n  %s %q of %q\n", s.TraceID, s.SpanID, s.Parent, s.Kind, s.Name, s.Resource.Service)
		fmt.Fprintf(&b, "  %s for %s, status %d %q\n", time.Unix(0, s.Start).UTC().Format(time.RFC3339Nano), time.Duration(s.Duration()), s.Status, s.StatusMessage)
		if s.TraceState != "" || s.Flags != 0 || s.DroppedAttrs+s.DroppedEvents+s.DroppedLinks != 0 {
			fmt.Fprintf(&b, "  state %q flags %d dropped %d %d %d\n", s.TraceState, s.Flags, s.DroppedAttrs, s.DroppedEvents, s.DroppedLinks)
		}
		if s.Scope != nil {
			fmt.Fprintf(&b, "  scope %q %q\n", s.Scope.Name, s.Scope.Version)
		}
		fmt.Fprintf(&b, "  resource %s\n  attrs %s\n", attrText(s.Resource.Attrs), attrText(s.Attrs))
		for _, e := range s.Events {
			fmt.Fprintf(&b, "  event %q at %s %s\n", e.Name, time.Unix(0, e.Time).UTC().Format("05.999999999"), attrText(e.Attrs))
		}
		for _, l := range s.Links {
			fmt.Fprintf(&b, "  link %s %s %s\n", l.TraceID, l.SpanID, attrText(l.Attrs))
		}
	}
	for _, m := range stats.Malformed {
		fmt.Fprintf(&b, "not read: %s, %d, first at %s\n", m.What, m.Count, m.First)
	}
	for _, m := range stats.Mended {
		fmt.Fprintf(&b, "mended: %s, %d, first at %s\n", m.What, m.Count, m.First)
	}
	return b.String()
}

func attrText(attrs []trace.Attr) string {
	types := [...]string{"", "", " bool", " int", " double", " bytes", "", ""}
	var parts []string
	for _, a := range attrs {
		parts = append(parts, fmt.Sprintf("%s=%q%s", a.Key, a.Value.Text(), types[a.Value.Kind()]))
	}
	return "[" + strings.Join(parts, " ") + "]"
}
