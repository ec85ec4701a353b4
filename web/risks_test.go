package web_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"headwater/analysis/risk"
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
