package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"headwater/web"
	"headwater/web/webtest"
)

// samples are requests for each path of the API that answers with JSON, or has parameters.
var samples = map[string]string{
	"/status":                       "/status",
	"/incidents":                    "/incidents",
	"/incidents/{id}":               "/incidents/" + webtest.IncidentID,
	"/incidents/{id}/frames":        "/incidents/" + webtest.IncidentID + "/frames",
	"/incidents/{id}/workflows":     "/incidents/" + webtest.IncidentID + "/workflows",
	"/incidents/{id}/workflows.csv": "/incidents/" + webtest.IncidentID + "/workflows.csv",
	"/incidents/{id}/whatif":        "/incidents/" + webtest.IncidentID + "/whatif",
	"/incidents/{id}/whatif/frames": "/incidents/" + webtest.IncidentID + "/whatif/frames",
	"/traces":                       "/traces?" + day,
	"/traces/{id}":                  "/traces/" + webtest.FailedTrace.String(),
	"/risks":                        "/risks?" + day,
	"/risks/played":                 "/risks/played?" + day,
	"/graph":                        "/graph",
	"/node":                         "/node?id=service:prod%252Fshop/orders",
	"/edge":                         "/edge?caller=service:prod%252Fshop/checkout&callee=service:prod%252Fshop/orders",
	"/openapi.json":                 "/openapi.json",
}

// What the API answers is what its description says: no field too many, none
// too few, each of its type.
func TestAnswersFitTheDescription(t *testing.T) {
	h := serve(t, config(webtest.NewSource(webtest.Report(), 100)))
	var doc map[string]any
	if err := json.Unmarshal(ask(h, "GET", "/api/v1/openapi.json").Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc["openapi"] != "3.1.0" {
		t.Errorf("version %v", doc["openapi"])
	}
	paths := doc["paths"].(map[string]any)
	if len(paths) != len(web.Endpoints()) {
		t.Errorf("%d paths described of %d", len(paths), len(web.Endpoints()))
	}
	for _, e := range web.Endpoints() {
		get := paths["/api/v1"+e.Path].(map[string]any)["get"].(map[string]any)
		if e.Media != "" {
			continue
		}
		sample, ok := samples[e.Path]
		if !ok {
			t.Errorf("%s: no sample", e.Path)
			continue
		}
		w := ask(h, "GET", "/api/v1"+sample)
		var answer any
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s: %d %v", sample, w.Code, err)
		}
		content := get["responses"].(map[string]any)["200"].(map[string]any)["content"].(map[string]any)
		v := validator{schemas: doc["components"].(map[string]any)["schemas"].(map[string]any)}
		v.check(e.Path, content["application/json"].(map[string]any)["schema"].(map[string]any), answer)
		for _, trouble := range v.troubles[:min(5, len(v.troubles))] {
			t.Error(trouble)
		}
	}
	var p any
	if err := json.Unmarshal(ask(h, "GET", "/api/v1/traces/xyz").Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	v := validator{schemas: doc["components"].(map[string]any)["schemas"].(map[string]any)}
	v.check("problem", map[string]any{"$ref": "#/components/schemas/Problem"}, p)
	if len(v.troubles) > 0 {
		t.Error(v.troubles)
	}
}

// validator checks values against the part of JSON Schema that the description
// uses.
type validator struct {
	schemas  map[string]any
	troubles []string
}

func (v *validator) fault(at, format string, args ...any) {
	v.troubles = append(v.troubles, at+": "+fmt.Sprintf(format, args...))
}

func (v *validator) check(at string, schema map[string]any, value any) {
	if ref, ok := schema["$ref"].(string); ok {
		name := ref[strings.LastIndex(ref, "/")+1:]
		target, ok := v.schemas[name].(map[string]any)
		if !ok {
			v.fault(at, "no schema %s", name)
			return
		}
		v.check(at, target, value)
		return
	}
	if either, ok := schema["oneOf"].([]any); ok {
		if value != nil {
			v.check(at, either[0].(map[string]any), value)
		}
		return
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, value) {
		v.fault(at, "%v is none of %v", value, enum)
	}
	if pattern, ok := schema["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(fmt.Sprint(value)) {
		v.fault(at, "%v does not look like %s", value, pattern)
	}
	ok := true
	switch schema["type"] {
	case "string":
		_, ok = value.(string)
	case "boolean":
		_, ok = value.(bool)
	case "number", "integer":
		_, ok = value.(float64)
	case "array":
		var list []any
		list, ok = value.([]any)
		for i, e := range list {
			v.check(fmt.Sprintf("%s[%d]", at, i), schema["items"].(map[string]any), e)
		}
	case "object":
		var fields map[string]any
		if fields, ok = value.(map[string]any); ok && schema["properties"] != nil {
			v.fields(at, schema, fields)
		}
	}
	if !ok {
		v.fault(at, "%T is no %v", value, schema["type"])
	}
}

func (v *validator) fields(at string, schema, fields map[string]any) {
	properties := schema["properties"].(map[string]any)
	for _, name := range schema["required"].([]any) {
		if _, ok := fields[name.(string)]; !ok {
			v.fault(at, "lacks %v", name)
		}
	}
	for name, value := range fields {
		if p, ok := properties[name].(map[string]any); ok {
			v.check(at+"."+name, p, value)
		} else {
			v.fault(at, "%s is not described", name)
		}
	}
}

// What is described as a parameter is one: another value changes the answer or
// is refused.
func TestParametersAreRead(t *testing.T) {
	h := serve(t, config(webtest.NewSource(webtest.Report(), 100)))
	for _, e := range web.Endpoints() {
		for _, p := range e.Params {
			if p.In != "query" || p.Required || p.Name == "operation" || p.Name == "service" {
				continue
			}
			path, rest, _ := strings.Cut(samples[e.Path], "?")
			query, err := url.ParseQuery(rest)
			if err != nil {
				t.Fatal(err)
			}
			query.Set(p.Name, "=nonsense")
			if w := ask(h, "GET", "/api/v1"+path+"?"+query.Encode()); w.Code != http.StatusBadRequest {
				t.Errorf("%s does not mind nonsense as %s: %d", e.Path, p.Name, w.Code)
			}
		}
	}
}

func TestAReportToTakeAway(t *testing.T) {
	h := serve(t, config(webtest.NewSource(webtest.Report(), 100)))
	for path, form := range map[string]struct{ media, begins, file string }{
		"report":      {"text/plain", "", ""},
		"report.md":   {"text/markdown", "# ", "attachment"},
		"report.html": {"text/html", "<!doctype html>", "attachment"},
	} {
		w := ask(h, "GET", "/api/v1/incidents/"+webtest.EarlierID+"/"+path)
		text := w.Body.String()
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), form.media) ||
			!strings.HasPrefix(strings.ToLower(text), form.begins) || !strings.HasPrefix(w.Header().Get("Content-Disposition"), form.file) ||
			!strings.Contains(text, "recommendations") || strings.Contains(text, "orders-db slowed") {
			t.Errorf("%s: %d %v:\n%s", path, w.Code, w.Header(), text)
		}
	}
}
