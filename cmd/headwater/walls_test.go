package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// wall says which packages of this module the packages below a path may import.
// The longest path that fits a package holds for it.
type wall struct {
	below   string
	allowed []string // with "/..." for all below
	reason  string
}

var walls = []wall{
	{"graph/trace", nil, "graph/trace is the ground floor: all others build on it, so it can import none of them"},
	{"graph/trace/tracetest", []string{"graph/trace"}, "traces made up for tests need no more than traces"},
	{"graph", []string{"graph/trace"}, "imports go one way: graph/trace <- graph <- analysis"},
	{"analysis", spine, "imports go one way: graph/trace <- graph <- analysis"},
	{"analysis/watch", spine, "the live loop declares the Windows and the Journal that it needs; cmd brings the store"},
	{"analysis/compare", spine, "a difference is made from windows alone, wherever they come from"},
	{"analysis/contrast", []string{"graph/trace"}, "good and bad are told by traces alone"},
	{"analysis/render", spine, "a text is made from a Report alone"},
	{"analysis/accuracy", append([]string{"analysis/simulate"}, spine...), "what is measured is the report, wherever it comes from"},
	{"analysis/simulate", append([]string{"analysis/accuracy"}, spine...), "the scenario engine gives spans and truth; who sends them is not its business"},
	{"analysis/workflow", spine, "workflows are made from traces alone, whoever keeps them"},
	{"analysis/workflow/workflowtest", []string{"graph/trace", "analysis/workflow"}, "a store made up for tests needs no more than traces and what is asked of it"},
	{"analysis/risk", spine, "risks are told from traces and windows alone, whoever keeps them"},
	{"analysis/whatif", []string{"analysis", "analysis/simulate", "graph"}, "a fit sees windows, never how they came about; the engine plays it"},
	{"ingest", []string{"graph/trace"}, "receivers, dumps and the store agree on a Batch, and on no more"},
	{"ingest/wire", []string{"graph/trace", "ingest"}, "wire is OTLP's form of a span, and no more"},
	{"ingest/otlp", ends, "the ends of ingest meet in ingest.Sink alone"},
	{"ingest/dump", append([]string{"ingest/dump/..."}, ends...), "the ends of ingest meet in ingest.Sink alone"},
	{"ingest/dump/mend", []string{"graph/trace", "ingest/wire"}, "how fields are read leniently is below all formats"},
	{"ingest/dump/chrome", format, formatReason},
	{"ingest/dump/console", format, formatReason},
	{"ingest/dump/datadog", format, formatReason},
	{"ingest/dump/jaeger", format, formatReason},
	{"ingest/dump/otlpjson", format, formatReason},
	{"ingest/dump/xray", format, formatReason},
	{"ingest/dump/zipkin", format, formatReason},
	{"ingest/store/column", []string{"graph/trace"}, "a block is a form of spans, wherever it is kept"},
	{"ingest/store", append([]string{"graph", "ingest/store/column"}, ends...), "the ends of ingest meet in ingest.Sink alone, and know nothing of the analysis"},
	{"web", append([]string{"analysis/workflow", "analysis/workflow/workflowtest", "analysis/risk", "analysis/whatif", "web", "web/...", "analysis/render"}, spine...), "web knows the spine and never ingest: the same page serves any store"},
	{"cmd", []string{"..."}, "cmd alone knows everything"},
}

var (
	spine = []string{"analysis", "graph", "graph/trace"}
	ends  = []string{"graph/trace", "ingest", "ingest/wire"}

	format       = []string{"graph/trace", "ingest/wire", "ingest/dump/mend"}
	formatReason = "a format is the way from its bytes to spans, and knows no other format"
)

// outside are imports from outside the module that have their place.
var outside = []struct {
	prefix string
	places []string
	reason string
}{
	{"go.opentelemetry.io/collector/pdata", []string{"ingest/wire", "ingest/otlp", "ingest/dump"}, "spans leave OTLP's form at the door"},
	{"github.com/dgraph-io/badger", []string{"ingest/store"}, "how things are kept is the business of the store alone"},
	{"github.com/gin-gonic/gin", []string{"web"}, "HTTP for people is the business of web alone"},
	{"github.com/alecthomas/kong", []string{"cmd/headwater"}, "the command line is the business of cmd alone"},
	{"github.com/prometheus/client_golang", []string{"cmd/headwater/monitor"}, "what Headwater says about itself is said in one place"},
}

// impure are imports with which the same windows could give another report.
var impure = []string{"os", "net", "net/http", "math/rand", "math/rand/v2", "crypto/rand", "log", "log/slog", "sync", "runtime", "context"}

type goPackage struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
}

func TestWalls(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, "headwater/")
		w, ok := wallOf(name)
		if !ok {
			t.Errorf("%s stands outside of the house: give it a wall here and in .golangci.yml", name)
			continue
		}
		for _, imported := range p.Imports {
			if inner, ok := strings.CutPrefix(imported, "headwater/"); ok && !allows(w.allowed, inner) {
				t.Errorf("%s imports %s: %s", name, inner, w.reason)
			}
			for _, o := range outside {
				if strings.HasPrefix(imported, o.prefix) && !slices.Contains(o.places, name) {
					t.Errorf("%s imports %s: %s", name, imported, o.reason)
				}
			}
			if name == "analysis" && slices.Contains(impure, imported) {
				t.Errorf("analysis imports %s: the same windows must give the same report anywhere", imported)
			}
		}
	}
}

// TestPureCode looks for what no import gives away: goroutines below graph and
// analysis, where the live loop alone has some, and questions to the clock in
// the analysis itself.
func TestPureCode(t *testing.T) {
	clock := []string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Sleep"}
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, "headwater/")
		top, _, _ := strings.Cut(name, "/")
		if top != "graph" && top != "analysis" || name == "analysis/watch" {
			continue
		}
		for _, file := range p.GoFiles {
			fset := token.NewFileSet()
			tree, err := parser.ParseFile(fset, filepath.Join(p.Dir, file), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(tree, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GoStmt:
					t.Errorf("%s: a goroutine in %s: it computes, and who calls it decides what runs at once", fset.Position(n.Pos()), name)
				case *ast.SelectorExpr:
					if x, ok := n.X.(*ast.Ident); ok && name == "analysis" && x.Name == "time" && slices.Contains(clock, n.Sel.Name) {
						t.Errorf("%s: analysis asks the clock: the same windows must give the same report at any time", fset.Position(n.Pos()))
					}
				}
				return true
			})
		}
	}
}

func wallOf(name string) (best wall, ok bool) {
	for _, w := range walls {
		if (name == w.below || strings.HasPrefix(name, w.below+"/")) && len(w.below) > len(best.below) {
			best, ok = w, true
		}
	}
	// A package below analysis, graph or ingest needs a wall of its own.
	return best, ok && (best.below == name || best.below == "web" || best.below == "cmd")
}

func allows(allowed []string, name string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		below, all := strings.CutSuffix(a, "...")
		return a == name || all && strings.HasPrefix(name, below)
	})
}

// packages are the module's packages as they are built, tests left out.
func packages(t *testing.T) []goPackage {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,GoFiles,Imports", "./...")
	list.Dir = path.Join("..", "..")
	out, err := list.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		t.Fatalf("go list: %v\n%s", err, failed.Stderr)
	}
	if err != nil {
		t.Fatal(err)
	}
	var all []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
