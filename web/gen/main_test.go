package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The page's types are those of the Go structs.
func TestTypesAreFresh(t *testing.T) {
	root := filepath.Join("..", "..")
	want, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(root, target))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is stale, run: go run ./web/gen\n%s", target, diff)
	}
}

// The description of the API is that of its endpoints and of the Go structs.
func TestDescriptionIsFresh(t *testing.T) {
	root := filepath.Join("..", "..")
	want, err := describe(root)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(root, description))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is stale, run: go run ./web/gen\n%s", description, diff)
	}
}
