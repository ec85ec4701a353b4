package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"headwater/web/webtest"
)

const goodToken = "hw-4d1c6b"

func locked(t *testing.T, good *string) http.Handler {
	t.Helper()
	cfg := config(webtest.NewSource(webtest.Report(), 50))
	cfg.Authorized = func(token string) bool { return token == *good }
	return serve(t, cfg)
}

// knock sends a request with a header and a cookie, where they are not empty.
func knock(h http.Handler, method, path, bearer, cookie string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Host = "localhost:7317"
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestWithoutATokenNothingIsTold(t *testing.T) {
	good := goodToken
	h := locked(t, &good)
	for _, path := range []string{"/api/v1/status", "/api/v1/incidents", "/api/v1/events", "/api/v1/openapi.json", "/api/nothing"} {
		w := knock(h, "GET", path, "", "", nil)
		if w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == "" || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		if w := knock(h, "GET", path, "wrong", "", nil); w.Code != http.StatusUnauthorized {
			t.Errorf("%s with a wrong token: %d", path, w.Code)
		}
	}
	w := knock(h, "GET", "/incidents/x?cause=2", "", "", nil)
	if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != "/login?next=%2Fincidents%2Fx%3Fcause%3D2" {
		t.Errorf("a page leads to %q (%d)", got, w.Code)
	}
	if w := knock(h, "GET", "/api/v1/status", goodToken, "", nil); w.Code != http.StatusOK {
		t.Errorf("with the token: %d", w.Code)
	}
	if w := knock(h, "GET", "/assets/login.css", "", "", nil); w.Code != http.StatusOK {
		t.Errorf("the login page's style: %d", w.Code)
	}
}

func TestSession(t *testing.T) {
	good := goodToken
	h := locked(t, &good)
	form := knock(h, "GET", "/login?next=/incidents/x", "", "", nil)
	if body := form.Body.String(); !strings.Contains(body, `value="/incidents/x"`) || strings.Contains(body, "<script") {
		t.Errorf("login page: %s", body)
	}
	if policy := form.Header().Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") || !strings.Contains(policy, "form-action 'self'") {
		t.Errorf("login page's policy %q", policy)
	}
	wrong := knock(h, "POST", "/login", "", "", url.Values{"token": {"wrong"}, "next": {"/traces"}})
	if wrong.Code != http.StatusUnauthorized || len(wrong.Result().Cookies()) != 0 || !strings.Contains(wrong.Body.String(), "not known") {
		t.Errorf("a wrong token: %d %s", wrong.Code, wrong.Body)
	}
	in := knock(h, "POST", "/login", "", "", url.Values{"token": {goodToken}, "next": {"/traces"}})
	if in.Code != http.StatusSeeOther || in.Header().Get("Location") != "/traces" || len(in.Result().Cookies()) != 1 {
		t.Fatalf("a good token: %d %v", in.Code, in.Header())
	}
	c := in.Result().Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || strings.Contains(c.Value, goodToken) || len(c.Value) < 40 {
		t.Errorf("cookie %v", c)
	}
	session := c.Name + "=" + c.Value
	if w := knock(h, "GET", "/api/v1/status", "", session, nil); w.Code != http.StatusOK {
		t.Errorf("with a session: %d", w.Code)
	}
	if w := knock(h, "GET", "/api/v1/status", "", session+"x", nil); w.Code != http.StatusUnauthorized {
		t.Errorf("with a made-up session: %d", w.Code)
	}
	good = "another" // the token was taken back
	if w := knock(h, "GET", "/api/v1/status", "", session, nil); w.Code != http.StatusUnauthorized {
		t.Errorf("after the token was taken back: %d", w.Code)
	}
	good = goodToken
	out := knock(h, "POST", "/logout", "", session, url.Values{})
	if out.Code != http.StatusSeeOther || out.Result().Cookies()[0].MaxAge >= 0 {
		t.Errorf("logout: %d %v", out.Code, out.Header())
	}
	if w := knock(h, "GET", "/api/v1/status", "", session, nil); w.Code != http.StatusUnauthorized {
		t.Errorf("after logout: %d", w.Code)
	}
}

// A login leads to a view of the page, never to another site.
func TestLoginLeadsNowhereElse(t *testing.T) {
	good := goodToken
	h := locked(t, &good)
	for next, want := range map[string]string{
		"/graph?focus=a": "/graph?focus=a", "": "/", "https://evil.example": "/", "//evil.example": "/",
		"/\\evil.example": "/", "javascript:alert(1)": "/", "/login": "/", "graph": "/",
	} {
		w := knock(h, "POST", "/login", "", "", url.Values{"token": {goodToken}, "next": {next}})
		if got := w.Header().Get("Location"); got != want {
			t.Errorf("next %q leads to %q, want %q", next, got, want)
		}
	}
}

func TestForeignFormsAreRefused(t *testing.T) {
	good := goodToken
	h := locked(t, &good)
	r := httptest.NewRequest(http.MethodPost, "/login", strings.NewReader("token="+goodToken))
	r.Host = "localhost:7317"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden || len(w.Result().Cookies()) != 0 {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}
