package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// outside are types of other packages that have a JSON form of their own.
var outside = map[string]string{
	"time.Time":     "string",
	"graph.NodeID":  "string",
	"trace.TraceID": "string",
	"trace.SpanID":  "string",
}

// plain are Go's own types.
var plain = map[string]string{
	"string": "string", "bool": "boolean", "int": "number", "int64": "number", "float64": "number",
}

// declaration is a type as the source has it.
type declaration struct {
	spec   *ast.TypeSpec
	doc    *ast.CommentGroup
	values []string // of the constants of this type
}

// generate gives the TypeScript for the roots; dir is the module's root.
func generate(dir string) (string, error) {
	decls := map[string]*declaration{}
	for _, source := range sources {
		if err := collect(filepath.Join(dir, source), decls); err != nil {
			return "", err
		}
	}
	g := &generator{decls: decls, done: map[string]bool{}}
	g.out.WriteString("// Written by \"go run ./web/gen\" from the Go structs. Do not edit.\n")
	for _, root := range roots {
		if err := g.write(root); err != nil {
			return "", err
		}
	}
	return g.out.String(), nil
}

// collect reads the type declarations of a package and the string constants of
// its types.
func collect(dir string, decls map[string]*declaration) error {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	values := map[string][]string{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			gen, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range gen.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					doc := s.Doc
					if doc == nil {
						doc = gen.Doc
					}
					decls[s.Name.Name] = &declaration{spec: s, doc: doc}
				case *ast.ValueSpec:
					constants(s, values)
				}
			}
		}
	}
	for name, vs := range values {
		if d, ok := decls[name]; ok {
			d.values = vs
		}
	}
	return nil
}

func constants(s *ast.ValueSpec, values map[string][]string) {
	typ, ok := s.Type.(*ast.Ident)
	if !ok || len(s.Values) != 1 {
		return
	}
	if lit, ok := s.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
		if text, err := strconv.Unquote(lit.Value); err == nil {
			values[typ.Name] = append(values[typ.Name], text)
		}
	}
}

type generator struct {
	decls map[string]*declaration
	done  map[string]bool
	out   strings.Builder
}

// write writes a type after the types that it needs.
func (g *generator) write(name string) error {
	if g.done[name] {
		return nil
	}
	g.done[name] = true
	d := g.decls[name]
	if d == nil {
		return fmt.Errorf("type %s is declared in none of %v", name, sources)
	}
	switch t := d.spec.Type.(type) {
	case *ast.StructType:
		body, err := g.fields(name, t)
		if err != nil {
			return err
		}
		g.out.WriteString("\n" + comment("", d.doc) + "export interface " + name + " {\n" + body + "}\n")
	case *ast.Ident:
		form := plain[t.Name]
		if len(d.values) > 0 {
			slices.Sort(d.values)
			quoted := make([]string, len(d.values))
			for i, v := range d.values {
				quoted[i] = strconv.Quote(v)
			}
			form = strings.Join(quoted, " | ")
		}
		if form == "" {
			return fmt.Errorf("type %s: no form for %s", name, t.Name)
		}
		g.out.WriteString("\n" + comment("", d.doc) + "export type " + name + " = " + form + ";\n")
	default:
		return fmt.Errorf("type %s: no form for %T", name, t)
	}
	return nil
}

func (g *generator) fields(owner string, t *ast.StructType) (string, error) {
	var body strings.Builder
	for _, f := range t.Fields.List {
		if len(f.Names) != 1 || f.Tag == nil {
			return "", fmt.Errorf("type %s: every field needs one name and a json tag", owner)
		}
		tag, err := strconv.Unquote(f.Tag.Value)
		if err != nil {
			return "", fmt.Errorf("field %s.%s: %w", owner, f.Names[0], err)
		}
		key, options, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
		if key == "-" {
			continue
		}
		if key == "" {
			return "", fmt.Errorf("field %s.%s has no json tag", owner, f.Names[0])
		}
		if strings.Contains(options, "omit") {
			key += "?"
		}
		form, err := g.form(f.Type)
		if err != nil {
			return "", fmt.Errorf("field %s.%s: %w", owner, f.Names[0], err)
		}
		body.WriteString(comment("  ", f.Doc, f.Comment) + "  " + key + ": " + form + ";\n")
	}
	return body.String(), nil
}

// form gives the TypeScript of a field's type and writes first what it refers to.
func (g *generator) form(e ast.Expr) (string, error) {
	switch e := e.(type) {
	case *ast.Ident:
		if form := plain[e.Name]; form != "" {
			return form, nil
		}
		return e.Name, g.write(e.Name)
	case *ast.SelectorExpr:
		name := fmt.Sprint(e.X, ".", e.Sel)
		if form := outside[name]; form != "" {
			return form, nil
		}
		return e.Sel.Name, g.write(e.Sel.Name)
	case *ast.StarExpr:
		form, err := g.form(e.X)
		return form + " | null", err
	case *ast.ArrayType:
		form, err := g.form(e.Elt)
		return form + "[]", err
	}
	return "", fmt.Errorf("no form for %T", e)
}

// comment turns Go comments into one of TypeScript.
func comment(indent string, groups ...*ast.CommentGroup) string {
	text := words(groups...)
	if text == "" {
		return ""
	}
	return indent + "/** " + text + " */\n"
}
