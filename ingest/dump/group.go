package dump

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"headwater/graph/trace"
	"headwater/ingest"
	"headwater/ingest/wire"
)

// heldSpans is how many spans are held in memory to be grouped. More go into
// files, each for a part of the trace ids.
const (
	heldSpans  = 200_000
	groupFiles = 64
)

// grouper brings the spans of each trace together.
type grouper struct {
	limit  int
	held   []trace.Span
	folder string // of the files; "" while there are none
	files  []*os.File
}

func (g *grouper) add(spans []trace.Span) error {
	g.held = append(g.held, spans...)
	if len(g.held) < g.limit {
		return nil
	}
	return g.spill()
}

// spill writes what is held into the files.
func (g *grouper) spill() (err error) {
	if g.folder == "" {
		if g.folder, err = os.MkdirTemp("", "headwater-"); err != nil {
			return fmt.Errorf("make a temporary folder: %w", err)
		}
		for i := range groupFiles {
			f, err := os.Create(filepath.Join(g.folder, fmt.Sprint(i)))
			if err != nil {
				return err
			}
			g.files = append(g.files, f)
		}
	}
	parts := make([][]trace.Span, groupFiles)
	for _, s := range g.held {
		part := s.TraceID[15] % groupFiles
		parts[part] = append(parts[part], s)
	}
	g.held = nil
	for i, part := range parts {
		for spans := range slices.Chunk(part, batchSpans) {
			request, err := wire.Encode(spans)
			if err != nil {
				return err
			}
			_, err = g.files[i].Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(request))), request...))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// each calls f with the spans of one trace after the other, by start.
func (g *grouper) each(f func([]trace.Span) error) error {
	if g.folder == "" {
		return eachTrace(g.held, f)
	}
	if err := g.spill(); err != nil {
		return err
	}
	for _, file := range g.files {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		var part gathered
		in := Input{Name: file.Name(), Open: func() (io.ReadCloser, error) { return io.NopCloser(file), nil }}
		if _, err := Read(context.Background(), []Input{in}, &part, Options{}); err != nil {
			return err
		}
		if err := eachTrace(part.spans, f); err != nil {
			return err
		}
	}
	return nil
}

// gathered is a Sink that holds what it gets.
type gathered struct{ spans []trace.Span }

// Write implements ingest.Sink.
func (g *gathered) Write(_ context.Context, b *ingest.Batch) error {
	g.spans = append(g.spans, b.Spans...)
	return nil
}

// eachTrace calls f with the spans of each trace, in order of the traces' first
// start; those of a trace in order of their start.
func eachTrace(spans []trace.Span, f func([]trace.Span) error) error {
	traces := map[trace.TraceID][]trace.Span{}
	for _, s := range spans {
		traces[s.TraceID] = append(traces[s.TraceID], s)
	}
	var order [][]trace.Span
	for _, t := range traces {
		slices.SortStableFunc(t, func(a, b trace.Span) int {
			return cmp.Or(cmp.Compare(a.Start, b.Start), bytes.Compare(a.SpanID[:], b.SpanID[:]), cmp.Compare(a.Kind, b.Kind))
		})
		order = append(order, t)
	}
	slices.SortFunc(order, func(a, b []trace.Span) int {
		return cmp.Or(cmp.Compare(a[0].Start, b[0].Start), bytes.Compare(a[0].TraceID[:], b[0].TraceID[:]))
	})
	for _, t := range order {
		if err := f(t); err != nil {
			return err
		}
	}
	return nil
}

// close removes the files.
func (g *grouper) close() error {
	var errs []error
	for _, f := range g.files {
		errs = append(errs, f.Close())
	}
	if g.folder != "" {
		errs = append(errs, os.RemoveAll(g.folder))
	}
	return errors.Join(errs...)
}
