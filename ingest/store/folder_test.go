package store

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"headwater/graph/trace"
	"headwater/ingest"
	"headwater/ingest/wire"
)

func TestFoldersThatAreRefused(t *testing.T) {
	put := func(t *testing.T, path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		prepare func(t *testing.T, dir string) string // gives the folder to open
		want    string
	}{
		"a file": {func(t *testing.T, dir string) string {
			put(t, dir+"/file", "")
			return dir + "/file"
		}, "can't be created"},
		"below a file": {func(t *testing.T, dir string) string {
			put(t, dir+"/file", "")
			return dir + "/file/data"
		}, "can't be created"},
		// A folder stands where a file must be written: this fails for every
		// user, while permissions do not hold root back.
		"not writable": {func(t *testing.T, dir string) string {
			if err := os.MkdirAll(dir+"/"+formatDraft, 0o700); err != nil {
				t.Fatal(err)
			}
			return dir
		}, "can't be written to"},
		"foreign": {func(t *testing.T, dir string) string {
			put(t, dir+"/thesis.txt", "dear to someone")
			return dir
		}, "is not empty and holds no Headwater data"},
		"newer format": {func(t *testing.T, dir string) string {
			put(t, dir+"/"+formatFile, formatPrefix+"7\n")
			return dir
		}, "has store format 7 and this Headwater knows only format 1"},
		"odd format file": {func(t *testing.T, dir string) string {
			put(t, dir+"/"+formatFile, "binary \x00\xff")
			return dir
		}, "is not Headwater's"},
	} {
		t.Run(name, func(t *testing.T) {
			opt, _, _ := testOptions(t)
			dir := c.prepare(t, t.TempDir())
			before := listing(t, dir)
			_, err := Open(dir, opt)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), filepath.Base(dir)) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want one line with %q", err, c.want)
			}
			if after := listing(t, dir); after != before {
				t.Errorf("the folder was changed from %s to %s", before, after)
			}
		})
	}
}

func listing(t *testing.T, dir string) string {
	t.Helper()
	var out strings.Builder
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			text, _ := os.ReadFile(path)
			fmt.Fprintf(&out, "%s=%q ", filepath.Base(path), text)
		}
		return nil
	})
	return out.String()
}

func TestFreshFileSystemIsTaken(t *testing.T) {
	opt, _, _ := testOptions(t)
	dir := t.TempDir()
	if err := os.Mkdir(dir+"/lost+found", 0o700); err != nil {
		t.Fatal(err)
	}
	open(t, dir, opt)
}

func TestFolderInUse(t *testing.T) {
	opt, _, _ := testOptions(t)
	dir := t.TempDir()
	s := open(t, dir, opt)
	_, err := Open(dir, opt)
	if err == nil || !strings.Contains(err.Error(), "in use by another Headwater") || !strings.Contains(err.Error(), dir) {
		t.Errorf("error %v", err)
	}
	write(t, s, span(1, 1, 0, "shop", trace.KindServer, 0, 1))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir, opt)
}

// childDir tells the test binary to be the child of TestKilledProcess.
const childDir = "HEADWATER_STORE_CHILD"

// childSpans are what the child writes, in one batch for each list.
func childSpans() [][]trace.Span {
	var out [][]trace.Span
	for i := range 20 {
		out = append(out, []trace.Span{span(1, byte(i+1), 0, "shop", trace.KindServer, float64(i), float64(i+1))})
	}
	return out
}

// beChild writes, says so, and waits to be killed.
func beChild(dir string) {
	s, err := Open(dir, Options{})
	for _, spans := range childSpans() {
		var request []byte
		var b *ingest.Batch
		if err == nil {
			request, err = wire.Encode(spans)
		}
		if err == nil {
			b, err = wire.NewBatch(request)
		}
		if err == nil {
			err = s.Write(context.Background(), b)
		}
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("written")
	select {}
}

func TestKilledProcess(t *testing.T) {
	dir := t.TempDir()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if line != "written\n" {
		t.Errorf("the child said %q, %v", line, err)
	}
	opt, _, _ := testOptions(t)
	if _, err := Open(dir, opt); err == nil || !strings.Contains(err.Error(), "in use by another Headwater") {
		t.Errorf("opened beside the child: %v", err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed
	var want []trace.Span
	for _, spans := range childSpans() {
		want = append(want, spans...)
	}
	s := open(t, dir, opt)
	requireTrace(t, s, want[0].TraceID, want...)
	windows, err := s.Finish(t.Context())
	if err != nil || len(windows) != 2 {
		t.Errorf("%d windows, %v; want 2", len(windows), err)
	}
}

func TestDamagedBlocksArePassedOver(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"one bit":   func(v []byte) []byte { v[len(v)/2] ^= 1; return v },
		"cut off":   func(v []byte) []byte { return v[:len(v)/2] },
		"empty":     func([]byte) []byte { return nil },
		"no blocks": func([]byte) []byte { return []byte("something else") },
	} {
		for _, prefix := range []byte{blockPrefix, headerPrefix} {
			t.Run(fmt.Sprintf("%s %c", name, prefix), func(t *testing.T) {
				opt, _, log := testOptions(t)
				dir := t.TempDir()
				s := open(t, dir, opt)
				lost, kept := span(1, 1, 0, "shop", trace.KindServer, 0, 1), span(1, 2, 0, "shop", trace.KindServer, 0, 1)
				write(t, s, kept)
				write(t, s, lost)
				err := s.pool.use(s.current, func(db *badger.DB) error {
					return db.Update(func(txn *badger.Txn) error {
						item, err := txn.Get(numberKey(prefix, 1))
						if err != nil {
							return err
						}
						v, err := item.ValueCopy(nil)
						if err != nil {
							return err
						}
						return txn.Set(numberKey(prefix, 1), damage(v))
					})
				})
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				if err := os.Remove(filepath.Join(bucketDir(dir, 0), indexFile)); err != nil {
					t.Fatal(err) // so that the headers are read
				}
				s = open(t, dir, opt)
				for range 2 {
					requireTrace(t, s, kept.TraceID, kept)
				}
				windows, err := s.Finish(t.Context())
				if err != nil || len(windows) != 1 || windows[0].Spans != 1 {
					t.Errorf("windows %+v, %v", windows, err)
				}
				if n := s.Stats().Damaged; n != 1 {
					t.Errorf("%d damaged blocks, want 1", n)
				}
				if n := strings.Count(log.String(), "block passed over"); n != 1 || !strings.Contains(log.String(), "block=1") {
					t.Errorf("log:\n%s", log)
				}
				write(t, s, lost)
				requireTrace(t, s, kept.TraceID, kept, lost)
			})
		}
	}
}

func TestDamagedFile(t *testing.T) {
	opt, _, _ := testOptions(t)
	dir := t.TempDir()
	s := open(t, dir, opt)
	var spans []trace.Span
	for i := range 20 {
		sp := span(1, byte(i+1), 0, "shop", trace.KindServer, 0, 1)
		var noise strings.Builder // so that the block is large enough for the value log
		for j := range 2000 {
			fmt.Fprintf(&noise, "%x", j*j*(i+7))
		}
		sp.Name = noise.String()
		write(t, s, sp)
		spans = append(spans, sp)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	logs, err := filepath.Glob(filepath.Join(dir, bucketsDir, "*", "*.vlog"))
	if err != nil || len(logs) == 0 {
		t.Fatal("no value log", err)
	}
	text, err := os.ReadFile(logs[0])
	if err != nil {
		t.Fatal(err)
	}
	for i := len(text) / 2; i < len(text)/2+64; i++ {
		text[i] ^= 0x55
	}
	if err := os.WriteFile(logs[0], text, 0o600); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, opt)
	got, err := s.Trace(t.Context(), spans[0].TraceID)
	if err != nil {
		t.Fatal(err)
	}
	st := s.Stats()
	if len(got) == 0 || st.Damaged == 0 || int(st.Damaged)+len(got) != len(spans) {
		t.Errorf("%d spans were read, %d blocks are damaged; there were %d, a span each", len(got), st.Damaged, len(spans))
	}
}
