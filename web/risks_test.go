package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"headwater/analysis/risk"
	"headwater/web"
	"headwater/web/webtest"
)

func TestRisksOfARunningSystem(t *testing.T) {
	shop := config(webtest.NewSource(webtest.Report(), 100))
	shop.Spans = webtest.Lists{}
	h := serve(t, shop)
	w := ask(h, "GET", "/api/v1/risks?"+day)
	var r risk.RiskReport
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %v %s", w.Code, err, w.Body)
	}
	if len(r.Risks) == 0 || r.Risks[0].Kind != risk.CallPerItem || r.Windows == 0 {
		t.Errorf("%+v", r.Risks)
	}
	for path, status := range map[string]int{
		"/api/v1/risks?from=yesterday":                                      http.StatusBadRequest,
		"/api/v1/risks?from=2026-03-11T00:00:00Z&to=2026-03-12T00:00:00Z":   http.StatusBadRequest,
		"/api/v1/risks?" + day + "&critical=GET%20/lists&critical=GET%20/x": http.StatusBadRequest,
		"/api/v1/risks?" + day + "&critical=GET%20/lists":                   http.StatusOK,
	} {
		if w := ask(h, "GET", path); w.Code != status {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	blind := config(webtest.NewSource(webtest.Report(), 100))
	blind.Spans = nil
	if w := ask(serve(t, blind), "GET", "/api/v1/risks"); w.Code != http.StatusNotImplemented {
		t.Errorf("a store that can't be read by time: %d", w.Code)
	}
}

// A dependency is slowed in a replay; what was fitted serves the next question.
func TestRisksPlayed(t *testing.T) {
	shop := config(webtest.NewSource(webtest.Report(), 100))
	shop.Spans = webtest.Lists{}
	h := serve(t, shop)
	var all web.RiskPlays
	w := ask(h, "GET", "/api/v1/risks/played?"+day)
	if err := json.Unmarshal(w.Body.Bytes(), &all); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %v %s", w.Code, err, w.Body)
	}
	if all.Why == "" && len(all.Room) == 0 {
		t.Errorf("nothing was played, and nothing says why: %s", w.Body)
	}
	for i := range all.Room {
		if p := all.Room[i].Played; p == nil || p.Sentence == "" {
			t.Errorf("%+v", all.Room[i])
		}
	}
	for path, status := range map[string]int{
		"/api/v1/risks/played?" + day + "&node=nonsense":                                                 http.StatusBadRequest,
		"/api/v1/risks/played?" + day + "&critical=GET%20/x":                                             http.StatusBadRequest,
		"/api/v1/risks/played?" + day + "&node=" + url.QueryEscape("database:postgresql:5432/x/nowhere"): http.StatusOK,
	} {
		if w := ask(h, "GET", path); w.Code != status {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
