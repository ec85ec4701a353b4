package collectortest

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const examples = "../../../docs/deploy/collector"

// TestExamplesAreValid has the Collector check each example configuration. Of
// what stand-ins take nothing is checked.
func TestExamplesAreValid(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(examples, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			c, err := New("file:" + file)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.DryRun(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("a wrong one is found", func(t *testing.T) {
		text, err := os.ReadFile(filepath.Join(examples, "copy.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		c, err := New("yaml:"+string(text), "yaml:exporters::otlp/headwater::compresion: gzip")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.DryRun(t.Context()); err == nil {
			t.Error("a wrong key was not found")
		}
	})
}

// TestTheCopyArrives runs docs/deploy/collector/copy.yaml as it is, but for
// addresses: with a backend that is not there, Headwater still gets every span.
func TestTheCopyArrives(t *testing.T) {
	const n = 200
	s := &sink{busy: 1, want: n, done: make(chan struct{})}
	server, _ := headwater(t, s, nil)
	grpcPort, httpPort := freePort(t), freePort(t)
	for name, value := range map[string]string{
		"COLLECTOR_GRPC": grpcPort, "COLLECTOR_HTTP": httpPort, "BACKEND": freePort(t),
		"HEADWATER": server.GRPCAddr(), "HEADWATER_INSECURE": "true", "HEADWATER_TOKEN": token,
	} {
		t.Setenv(name, value)
	}
	start(t, "file:"+filepath.Join(examples, "copy.yaml"), "yaml:service::telemetry::metrics::level: none", "yaml:service::telemetry::logs::level: fatal")
	want := send(t, grpcPort, httpPort, n)
	<-s.done
	slices.Sort(s.names)
	if diff := cmp.Diff(want, s.names); diff != "" {
		t.Errorf("spans (-sent +stored):\n%s", diff)
	}
}
