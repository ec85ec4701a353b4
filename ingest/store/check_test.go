package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headwater/graph/trace"
)

func TestCheckReadsEverything(t *testing.T) {
	opt, _, _ := testOptions(t)
	dir := t.TempDir()
	if _, err := Check(t.Context(), dir, opt); err == nil || !strings.Contains(err.Error(), "no data folder") {
		t.Errorf("an empty folder: %v", err)
	}
	s := open(t, dir, opt)
	var spans []trace.Span
	for i := range 20 {
		sp := span(1, byte(i+1), 0, "shop", trace.KindServer, float64(i), float64(i+1))
		sp.Attrs = []trace.Attr{{Key: "noise", Value: trace.Bytes(noise(i))}}
		spans = append(spans, sp)
		write(t, s, sp)
	}
	if err := s.SaveIncident(t.Context(), "a", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := Check(t.Context(), dir, opt); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a folder in use: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	c, err := Check(t.Context(), dir, opt)
	if err != nil || len(c.Damage) != 0 || c.Spans != 20 || c.Blocks != 20 || c.Buckets != 1 || c.Windows != 2 || c.Incidents != 1 {
		t.Errorf("%+v, %v", c, err)
	}

	// Bytes change in the middle of the value log: a block or two are lost.
	logs, err := filepath.Glob(filepath.Join(dir, bucketsDir, "*", "*.vlog"))
	if err != nil || len(logs) == 0 {
		t.Fatal("no value log", err)
	}
	text, err := os.ReadFile(logs[0])
	if err != nil {
		t.Fatal(err)
	}
	for i := len(text) / 2; i < len(text)/2+16; i++ {
		text[i] ^= 0x55
	}
	if err := os.WriteFile(logs[0], text, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // what is damaged is known from then on
		c, err = Check(t.Context(), dir, opt)
		if err != nil || len(c.Damage) == 0 || !strings.HasPrefix(c.Damage[0], "block ") || int(c.Spans)+len(c.Damage) != 20 {
			t.Errorf("%+v, %v", c, err)
		}
	}
	s = open(t, dir, opt)
	got, err := s.Trace(t.Context(), spans[0].TraceID)
	if err != nil || len(got) != int(c.Spans) {
		t.Errorf("%d spans are served, %v; want %d", len(got), err, c.Spans)
	}
}

// noise is text that does not compress, so that a block is large enough for the
// value log.
func noise(seed int) string {
	b := make([]byte, 3000)
	x := uint64(seed)*0x9e3779b97f4a7c15 + 1
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = byte(x)
	}
	return string(b)
}

func TestBucketThatCantBeOpenedIsPutAside(t *testing.T) {
	opt, clock, log := testOptions(t)
	dir := t.TempDir()
	s := open(t, dir, opt)
	clock.set(0)
	lost := span(1, 1, 0, "shop", trace.KindServer, 0, 1)
	write(t, s, lost)
	clock.set(4000)
	kept := span(1, 2, 0, "shop", trace.KindServer, 0, 1)
	write(t, s, kept)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	first := bucketDir(dir, 0)
	for _, name := range []string{indexFile, "MANIFEST"} {
		if err := os.WriteFile(filepath.Join(first, name), []byte("something else"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s = open(t, dir, opt)
	requireTrace(t, s, kept.TraceID, kept)
	if st := s.Stats(); st.DamagedBuckets != 1 || !strings.Contains(log.String(), "bucket put aside") {
		t.Errorf("stats %+v, log:\n%s", st, log)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	c, err := Check(t.Context(), dir, opt)
	if err != nil || len(c.Damage) != 1 || !strings.Contains(c.Damage[0], "put aside") {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestLostIndexIsMadeAgain(t *testing.T) {
	opt, clock, _ := testOptions(t)
	dir := t.TempDir()
	s := open(t, dir, opt)
	var spans []trace.Span
	for i := range 3 {
		clock.set(float64(i) * 4000)
		spans = append(spans, span(1, byte(i+1), 0, "shop", trace.KindServer, 0, 1))
		write(t, s, spans[i])
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	index := filepath.Join(bucketDir(dir, 0), indexFile)
	for _, damage := range []func() error{
		func() error { return os.Remove(index) },
		func() error { return os.WriteFile(index, []byte("half an ind"), 0o600) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		s = open(t, dir, opt)
		requireTrace(t, s, spans[0].TraceID, spans...)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if c, err := Check(t.Context(), dir, opt); err != nil || len(c.Damage) != 0 || c.Spans != 3 {
			t.Errorf("%+v, %v", c, err)
		}
	}
}
