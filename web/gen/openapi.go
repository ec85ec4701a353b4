package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"maps"
	"net/http"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"headwater/web"
)

// object is a JSON object; encoding/json sorts its keys.
type object = map[string]any

// scalars are Go's own types, and those of other packages with a JSON form of
// their own, as JSON Schema has them.
var scalars = map[string]object{
	"string": {"type": "string"}, "bool": {"type": "boolean"}, "int": {"type": "integer"},
	"int64": {"type": "integer", "format": "int64"}, "float64": {"type": "number", "format": "double"},
	"time.Time":     {"type": "string", "format": "date-time"},
	"graph.NodeID":  {"type": "string", "description": "Id of a node: kind:scope/name."},
	"trace.TraceID": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
	"trace.SpanID":  {"type": "string", "pattern": "^[0-9a-f]{16}$"},
}

// describe gives the OpenAPI description of the API; dir is the module's root.
func describe(dir string) ([]byte, error) {
	decls := map[string]*declaration{}
	for _, source := range sources {
		if err := collect(filepath.Join(dir, source), decls); err != nil {
			return nil, err
		}
	}
	d := &describer{decls: decls, schemas: object{}}
	if err := d.schema("Problem"); err != nil {
		return nil, err
	}
	paths := object{}
	for _, e := range web.Endpoints() {
		op, err := d.operation(e)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Path, err)
		}
		paths["/api/v1"+e.Path] = object{"get": op}
	}
	doc := object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Headwater", "version": "1",
			"description": "What Headwater's page reads. Errors are application/problem+json (RFC 9457). " +
				"Times are RFC 3339 in UTC; durations say their unit. New fields may come, known ones keep their meaning.",
		},
		"paths":    paths,
		"security": []object{{}, {"token": []string{}}},
		"components": object{
			"schemas":         d.schemas,
			"securitySchemes": object{"token": object{"type": "http", "scheme": "bearer", "description": "Where the server was started with tokens."}},
		},
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	err := enc.Encode(doc)
	return out.Bytes(), err
}

type describer struct {
	decls   map[string]*declaration
	schemas object
}

func (d *describer) operation(e web.Endpoint) (object, error) {
	answer := object{"type": e.Answer}
	if d.decls[e.Answer] != nil {
		if err := d.schema(e.Answer); err != nil {
			return nil, err
		}
		answer = ref(e.Answer)
	}
	media := e.Media
	if media == "" {
		media = "application/json"
	}
	responses := object{"200": object{"description": e.Summary, "content": object{media: object{"schema": answer}}}}
	for _, status := range append([]int{401, 403, 500}, e.Errors...) {
		responses[strconv.Itoa(status)] = object{
			"description": http.StatusText(status),
			"content":     object{"application/problem+json": object{"schema": ref("Problem")}},
		}
	}
	params := []object{}
	for _, p := range e.Params {
		schema := object{"type": p.Type}
		if p.Format != "" {
			schema["format"] = p.Format
		}
		if len(p.Enum) > 0 {
			schema["enum"] = p.Enum
		}
		if p.Repeated {
			schema = object{"type": "array", "items": schema}
		}
		params = append(params, object{"name": p.Name, "in": p.In, "required": p.Required, "description": p.Doc, "schema": schema})
	}
	return object{"summary": e.Summary, "operationId": operationID(e.Path), "parameters": params, "responses": responses}, nil
}

// operationID names an operation after its path: get_incidents_id_frames.
func operationID(path string) string {
	return "get" + strings.NewReplacer("/", "_", "{", "", "}", "", ".", "_").Replace(path)
}

func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

// schema writes the schema of a type and those of the types that it needs.
func (d *describer) schema(name string) error {
	if d.schemas[name] != nil {
		return nil
	}
	decl := d.decls[name]
	if decl == nil {
		return fmt.Errorf("type %s is declared in none of %v", name, sources)
	}
	s := object{}
	d.schemas[name] = s // before its fields, which may lead back here
	if text := words(decl.doc); text != "" {
		s["description"] = text
	}
	switch t := decl.spec.Type.(type) {
	case *ast.StructType:
		return d.fields(name, t, s)
	case *ast.Ident:
		maps.Copy(s, scalars[t.Name])
		if len(decl.values) > 0 {
			s["enum"] = slices.Sorted(slices.Values(decl.values))
		}
		if s["type"] == nil {
			return fmt.Errorf("type %s: no form for %s", name, t.Name)
		}
		return nil
	}
	return fmt.Errorf("type %s: no form for %T", name, decl.spec.Type)
}

func (d *describer) fields(owner string, t *ast.StructType, into object) error {
	properties, required := object{}, []string{}
	for _, f := range t.Fields.List {
		if len(f.Names) != 1 || f.Tag == nil {
			return fmt.Errorf("type %s: every field needs one name and a json tag", owner)
		}
		tag, err := strconv.Unquote(f.Tag.Value)
		if err != nil {
			return fmt.Errorf("field %s.%s: %w", owner, f.Names[0], err)
		}
		key, options, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
		if key == "-" {
			continue
		}
		form, err := d.form(f.Type)
		if err != nil {
			return fmt.Errorf("field %s.%s: %w", owner, f.Names[0], err)
		}
		if text := words(f.Doc, f.Comment); text != "" {
			form["description"] = text
		}
		properties[key] = form
		if !strings.Contains(options, "omit") {
			required = append(required, key)
		}
	}
	into["type"], into["properties"], into["required"] = "object", properties, required
	return nil
}

// form gives the schema of a field's type, which may be changed.
func (d *describer) form(e ast.Expr) (object, error) {
	switch e := e.(type) {
	case *ast.Ident:
		if s := scalars[e.Name]; s != nil {
			return maps.Clone(s), nil
		}
		return ref(e.Name), d.schema(e.Name)
	case *ast.SelectorExpr:
		if s := scalars[fmt.Sprint(e.X, ".", e.Sel)]; s != nil {
			return maps.Clone(s), nil
		}
		return ref(e.Sel.Name), d.schema(e.Sel.Name)
	case *ast.StarExpr:
		form, err := d.form(e.X)
		return object{"oneOf": []object{form, {"type": "null"}}}, err
	case *ast.ArrayType:
		form, err := d.form(e.Elt)
		return object{"type": "array", "items": form}, err
	}
	return nil, fmt.Errorf("no form for %T", e)
}

// words joins Go comments into one line.
func words(groups ...*ast.CommentGroup) string {
	var out []string
	for _, group := range groups {
		out = append(out, strings.Fields(group.Text())...)
	}
	return strings.Join(out, " ")
}
