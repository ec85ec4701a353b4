package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"

	"headwater/graph/trace"
	"headwater/ingest/store"
	"headwater/ingest/wire"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"headwater": main})
}

// TestScripts runs the command as a user would; testdata/script says what
// comes out.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			tmp := env.Getenv("WORK") + "/tmp"
			env.Setenv("TMPDIR", tmp)
			return os.Mkdir(tmp, 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"gzip":     func(ts *testscript.TestScript, _ bool, args []string) { pack(ts, args, packGzip) },
			"zstd":     func(ts *testscript.TestScript, _ bool, args []string) { pack(ts, args, packZstd) },
			"fill":     fill,
			"hold":     hold,
			"incident": incident,
			"status":   exitStatus,
			"listen":   listen,
		},
	})
}

// pack FROM TO writes a packed copy of a file.
func pack(ts *testscript.TestScript, args []string, packed func([]byte) ([]byte, error)) {
	out, err := packed([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out, 0o600))
}

func packGzip(text []byte) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(text)
	err = errors.Join(err, w.Close())
	return out.Bytes(), err
}

func packZstd(text []byte) ([]byte, error) {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		return nil, err
	}
	return w.EncodeAll(text, nil), w.Close()
}

// incident FILE writes the spans of a small incident, and those of the healthy
// time before it to well-FILE, and a few traces, good and bad, to mixed-FILE.
func incident(ts *testscript.TestScript, _ bool, args []string) {
	spans, err := basketSpans()
	ts.Check(err)
	text, err := wire.EncodeJSON(spans)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
	began := spans[0].Start
	fault := began + int64(90*time.Second)
	mixed := slices.DeleteFunc(slices.Clone(spans), func(s trace.Span) bool {
		return s.Start < began+int64(95*time.Second) || s.Start > began+int64(125*time.Second) || s.TraceID[15]%4 != 0
	})
	text, err = wire.EncodeJSON(mixed)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("mixed-"+args[0]), text, 0o600))
	well := slices.DeleteFunc(spans, func(s trace.Span) bool { return s.Start >= fault })
	text, err = wire.EncodeJSON(well)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("well-"+args[0]), text, 0o600))
}

// hold FOLDER keeps a data folder in use, as another process would.
func hold(ts *testscript.TestScript, _ bool, args []string) {
	s, err := store.Open(ts.MkAbs(args[0]), store.Options{})
	ts.Check(err)
	ts.Defer(func() { ts.Check(s.Close()) })
}

// fill FOLDER writes two spans into a data folder.
func fill(ts *testscript.TestScript, _ bool, args []string) {
	s, err := store.Open(ts.MkAbs(args[0]), store.Options{})
	ts.Check(err)
	spans := []trace.Span{
		{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, Name: "a", Start: 1, End: 2},
		{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, Name: "b", Start: 1, End: 2},
	}
	request, err := wire.Encode(spans)
	ts.Check(err)
	b, err := wire.NewBatch(request)
	ts.Check(err)
	ts.Check(s.Write(context.Background(), b))
	ts.Check(s.Close())
}

// listen NAME takes a port and puts its address into the variable.
func listen(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { ts.Check(l.Close()) })
	ts.Setenv(args[0], l.Addr().String())
}

// exitStatus CODE COMMAND... runs a command that must end with the exit status.
func exitStatus(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var failed *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}
