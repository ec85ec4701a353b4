package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"headwater/web/webtest"
)

// Who takes gzip gets it, of the page and of the API alike, with the same content.
func TestAnswersArePacked(t *testing.T) {
	h := serve(t, config(webtest.NewSource(webtest.Report(), 100)))
	for _, path := range []string{asset.FindAllStringSubmatch(ask(h, "GET", "/").Body.String(), -1)[1][1], "/api/v1/incidents/" + webtest.IncidentID} {
		plain := ask(h, "GET", path)
		if e := plain.Header().Get("Content-Encoding"); e != "" || plain.Code != http.StatusOK {
			t.Errorf("%s: %d, encoded as %q unasked", path, plain.Code, e)
		}
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Host = "localhost"
		r.Header.Set("Accept-Encoding", "gzip, br")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		unpacked, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		got, err := io.ReadAll(unpacked)
		if err != nil || !bytes.Equal(got, plain.Body.Bytes()) {
			t.Errorf("%s: %d bytes unpacked, %d plain: %v", path, len(got), plain.Body.Len(), err)
		}
	}
}
