package web_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"headwater/web/webtest"
)

var asset = regexp.MustCompile(`(?:src|href)="(/[^"]+)"`)

func TestPage(t *testing.T) {
	h := serve(t, config(webtest.NewSource(webtest.Report(), 100)))
	index := ask(h, "GET", "/")
	if index.Code != http.StatusOK || !strings.Contains(index.Body.String(), `<div id="page">`) {
		t.Fatalf("%d %s", index.Code, index.Body)
	}
	for _, view := range []string{"/incidents/" + webtest.IncidentID, "/traces/abc", "/anything"} {
		w := ask(h, "GET", view)
		if w.Code != http.StatusOK || w.Body.String() != index.Body.String() {
			t.Errorf("%s is not the page: %d", view, w.Code)
		}
		if got := w.Header().Get("Cache-Control"); got != "no-cache" {
			t.Errorf("%s: Cache-Control %q", view, got)
		}
	}
	found := asset.FindAllStringSubmatch(index.Body.String(), -1)
	if len(found) < 3 {
		t.Fatalf("the page refers to %v", found)
	}
	for _, m := range found {
		w := ask(h, "GET", m[1])
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", m[1], w.Code)
		}
		immutable := strings.Contains(w.Header().Get("Cache-Control"), "immutable")
		if immutable != strings.HasPrefix(m[1], "/assets/") {
			t.Errorf("%s: Cache-Control %q", m[1], w.Header().Get("Cache-Control"))
		}
	}
}

func TestPageIsNotSentTwice(t *testing.T) {
	h := serve(t, config(webtest.NewSource(webtest.Report(), 100)))
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Host = "localhost"
	r.Header.Set("If-None-Match", ask(h, "GET", "/").Header().Get("ETag"))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusNotModified {
		t.Errorf("status %d", w.Code)
	}
}

func TestSecurityHeaders(t *testing.T) {
	h := serve(t, config(webtest.NewSource(webtest.Report(), 100)))
	for _, path := range []string{"/", "/api/v1/status", "/api/v1/incidents/nope"} {
		head := ask(h, "GET", path).Header()
		policy := head.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self';", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: policy %q lacks %q", path, policy, part)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if head.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s may be sniffed", path)
		}
	}
}

// A foreign page whose name was rebound to this machine sends its own name.
func TestHostIsChecked(t *testing.T) {
	source := webtest.NewSource(webtest.Report(), 100)
	for _, c := range []struct {
		addr, host string
		status     int
	}{
		{"localhost:7317", "localhost:7317", 200},
		{"localhost:7317", "LOCALHOST:7317", 200},
		{"127.0.0.1:7317", "127.0.0.1:9999", 200},
		{"127.0.0.1:7317", "[::1]:7317", 200},
		{"[::1]:7317", "[::1]", 200},
		{"localhost:7317", "evil.example", 403},
		{"localhost:7317", "localhost.evil.example:7317", 403},
		{"localhost:7317", "", 403},
		{"127.0.0.1:7317", "192.168.1.4:7317", 403},
		{":7317", "headwater.internal", 200},
		{"0.0.0.0:7317", "headwater.internal:7317", 200},
	} {
		cfg := config(source)
		cfg.Addr = c.addr
		h := serve(t, cfg)
		for _, path := range []string{"/", "/api/v1/status"} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.Host = c.host
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != c.status {
				t.Errorf("bound to %s, asked as %q for %s: %d, want %d", c.addr, c.host, path, w.Code, c.status)
			}
		}
	}
}

// A page of another site can ask for nothing, even where it knows our address.
func TestOriginIsChecked(t *testing.T) {
	source := webtest.NewSource(webtest.Report(), 100)
	for _, c := range []struct {
		addr, origin string
		status       int
	}{
		{"localhost:7317", "", 200},
		{"localhost:7317", "http://localhost:7317", 200},
		{"127.0.0.1:7317", "http://localhost:5173", 200}, // the page's own source, as it is worked on
		{"localhost:7317", "http://evil.example", 403},
		{"localhost:7317", "null", 403},
		{"0.0.0.0:7317", "http://evil.example", 200}, // it can't read the answer: nothing allows it to
	} {
		cfg := config(source)
		cfg.Addr = c.addr
		r := httptest.NewRequest(http.MethodGet, "/api/v1/status", nil)
		r.Host = "localhost:7317"
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		w := httptest.NewRecorder()
		serve(t, cfg).ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("bound to %s, asked from %q: %d, want %d", c.addr, c.origin, w.Code, c.status)
		}
		if got := w.Header().Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("others may read it: %s", got)
		}
	}
}

// mostScript is how much script a reader loads at most, packed with gzip.
const mostScript = 150 << 10

func TestScriptIsSmall(t *testing.T) {
	names, err := filepath.Glob("dist/assets/*.js")
	if err != nil || len(names) == 0 {
		t.Fatalf("no script: %v", err)
	}
	sum := 0
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes packed", name, packed.Len())
		sum += packed.Len()
	}
	if sum > mostScript {
		t.Errorf("%d bytes of script, at most %d are allowed", sum, mostScript)
	}
}
