package dump

import (
	"bufio"
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
	var sorted []*heads
	for _, file := range g.files {
		h, err := g.sort(file)
		if err != nil {
			return err
		}
		sorted = append(sorted, h)
	}
	return merge(sorted, f)
}

// sort writes a part of the traces anew, each whole and in order of their start.
func (g *grouper) sort(file *os.File) (*heads, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	var part gathered
	in := Input{Name: file.Name(), Open: func() (io.ReadCloser, error) { return io.NopCloser(file), nil }}
	if _, err := Read(context.Background(), []Input{in}, &part, Options{}); err != nil {
		return nil, err
	}
	f, err := os.Create(file.Name() + ".sorted")
	if err != nil {
		return nil, err
	}
	g.files = append(g.files, f)
	w, err := NewWriter(f, Protobuf)
	if err != nil {
		return nil, err
	}
	err = eachTrace(part.spans, func(spans []trace.Span) error { return w.WriteSpans(context.Background(), spans) })
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	h := &heads{r: bufio.NewReader(f)}
	err = h.advance()
	return h, err
}

// heads gives the traces of a sorted part one by one.
type heads struct {
	r     *bufio.Reader
	spans []trace.Span // of the next; nil at the end
}

func (h *heads) advance() error {
	h.spans = nil
	head := make([]byte, prefixSize)
	if _, err := io.ReadFull(h.r, head); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		return err
	}
	message := make([]byte, prefixOf(head))
	if _, err := io.ReadFull(h.r, message); err != nil {
		return err
	}
	var err error
	h.spans, _, err = wire.Decode(message)
	return err
}

// merge calls f with the traces of all parts, by start.
func merge(parts []*heads, f func([]trace.Span) error) error {
	for {
		var next *heads
		for _, h := range parts {
			if h.spans != nil && (next == nil || compareTraces(h.spans, next.spans) < 0) {
				next = h
			}
		}
		if next == nil {
			return nil
		}
		if err := f(next.spans); err != nil {
			return err
		}
		if err := next.advance(); err != nil {
			return err
		}
	}
}

// compareTraces orders traces by their first start, then id.
func compareTraces(a, b []trace.Span) int {
	return cmp.Or(cmp.Compare(a[0].Start, b[0].Start), bytes.Compare(a[0].TraceID[:], b[0].TraceID[:]))
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
	slices.SortFunc(order, compareTraces)
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
