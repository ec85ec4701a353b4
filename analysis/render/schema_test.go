package render_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"

	"headwater/analysis"
	"headwater/graph"
	"headwater/graph/trace"
)

const schemaFile = "../../docs/report.schema.json"

// TestTheSchemaIsFresh: what is published of a report's JSON form is made from
// the structs and their comments. With -update the file is written anew.
func TestTheSchemaIsFresh(t *testing.T) {
	want := reportSchema(t)
	if *update {
		if err := os.WriteFile(schemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is stale, run: go test ./analysis/render -run Schema -update\n%s", schemaFile, diff)
	}
}

func reportSchema(t *testing.T) []byte {
	t.Helper()
	options := jsonschema.ForOptions{TypeSchemas: map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[time.Time]():      {Type: "string", Format: "date-time"},
		reflect.TypeFor[graph.NodeID]():   {Type: "string"},
		reflect.TypeFor[trace.TraceID]():  {Type: "string", Pattern: "^[0-9a-f]{32}$"},
		reflect.TypeFor[analysis.State](): enum(analysis.Building, analysis.Outage, analysis.Recovering, analysis.Over),
		reflect.TypeFor[analysis.PressingKind](): enum(analysis.PressingRetries, analysis.PressingUsers, analysis.PressingBacklog, analysis.PressingColdCache,
			analysis.PressingQueue, analysis.PressingFailures),
		reflect.TypeFor[analysis.PhaseName](): enum(analysis.PhaseOnset, analysis.PhaseAmplification, analysis.PhaseOutage, analysis.PhaseRecovery),
		reflect.TypeFor[analysis.CauseKind](): enum(analysis.CauseService, analysis.CauseInstance, analysis.CauseOperation, analysis.CauseDatabase,
			analysis.CauseCache, analysis.CauseQueue, analysis.CauseHost, analysis.CauseExternal, analysis.CauseEdge, analysis.CauseRetryPolicy, analysis.CauseLoad),
	}}
	schema, err := jsonschema.For[analysis.Report](&options)
	if err != nil {
		t.Fatal(err)
	}
	schema.Schema = "https://json-schema.org/draft/2020-12/schema"
	schema.Title = "Headwater report"
	tidy(schema, reflect.TypeFor[analysis.Report](), comments(t))
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

func enum[T ~string](values ...T) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string"}
	for _, v := range values {
		s.Enum = append(s.Enum, string(v))
	}
	return s
}

// tidy adds the comments, allows fields that are still to come, and forbids null
// for lists.
func tidy(s *jsonschema.Schema, of reflect.Type, about map[string]string) {
	if slices.Contains(s.Types, "array") {
		s.Type, s.Types = "array", nil
	}
	s.AdditionalProperties = nil
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	if s.Items != nil {
		tidy(s.Items, of, about)
	}
	if s.Properties == nil {
		return
	}
	for i := range of.NumField() {
		f := of.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if p := s.Properties[name]; p != nil {
			p.Description = about[of.Name()+"."+f.Name]
			if within := f.Type; isStruct(within) {
				tidy(p, within, about)
			} else if slices.Contains(p.Types, "array") {
				p.Type, p.Types = "array", nil
			}
		}
	}
}

// isStruct reports whether a type is a struct of the report, or a list of them.
func isStruct(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct && strings.HasSuffix(t.PkgPath(), "headwater/analysis")
}

// comments are those of the structs' fields, by Type.Field.
func comments(t *testing.T) map[string]string {
	t.Helper()
	about := map[string]string{}
	files, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if s, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					for _, name := range f.Names {
						text := strings.TrimSpace(f.Doc.Text() + " " + f.Comment.Text())
						about[spec.Name.Name+"."+name.Name] = strings.Join(strings.Fields(text), " ")
					}
				}
			}
			return true
		})
	}
	return about
}
