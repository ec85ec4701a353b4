package dump

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPaths(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.jsonl", "a.jsonl", ".hidden", "below/c.jsonl"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(line(t, name)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	hidden := filepath.Join(dir, ".hidden")
	inputs, err := Paths([]string{dir, "-", hidden, filepath.Join(dir, "[a]*.jsonl")}, strings.NewReader(line(t, "from stdin")))
	if err != nil {
		t.Fatal(err)
	}
	type nameOf struct {
		Name  string
		Found bool
	}
	var got []nameOf
	for _, in := range inputs {
		got = append(got, nameOf{in.Name, in.Found})
	}
	want := []nameOf{
		{filepath.Join(dir, "a.jsonl"), true}, {filepath.Join(dir, "b.jsonl"), true},
		{"standard input", false}, {hidden, false}, {filepath.Join(dir, "a.jsonl"), false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
	sink := &collector{}
	if _, err := Read(t.Context(), inputs, sink, Options{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a.jsonl", "b.jsonl", "from stdin", ".hidden", "a.jsonl"}, sink.names()); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
}

func TestPathsThatCannotBeRead(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"no/such/file"}, "no/such/file"},
		{[]string{t.TempDir()}, "holds no files"},
		{[]string{"-", "-"}, "twice"},
		{[]string{filepath.Join(t.TempDir(), "*.json")}, "no file fits"},
	} {
		if _, err := Paths(c.args, strings.NewReader("")); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.args, err, c.want)
		}
	}
}
