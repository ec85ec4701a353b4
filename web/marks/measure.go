//go:build browser

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"headwater/web"
)

// scriptSize is how large the scripts of a folder are when gzip packs each.
func scriptSize(folder string) (float64, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.js"))
	if err != nil || len(files) == 0 {
		return 0, errors.Join(err, fmt.Errorf("no script in %s: run this at the root of the repository", folder))
	}
	var packed bytes.Buffer
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return 0, err
		}
		w := gzip.NewWriter(&packed)
		_, err = w.Write(text)
		if err := errors.Join(err, w.Close()); err != nil {
			return 0, err
		}
	}
	return float64(packed.Len()), nil
}

// large measures an incident in a large store.
func (m *measurement) large(ctx context.Context) (err error) {
	p, err := m.play(ctx, "large", largeScenario(m.spans))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.quit()) }()
	id, err := p.incident(ctx)
	if err != nil {
		return err
	}
	store := fmt.Sprintf(", store of %.1f million spans", float64(p.spans)/1e6)
	b, quit, err := openBrowser(ctx)
	if err != nil {
		return err
	}
	defer quit()
	seen, err := b.visits(p.url+"/incidents/"+id, m.runs, sights{
		"answer":  `document.querySelector(".headline h1").textContent.length > 20 && document.querySelector(".ranking") !== null`,
		"picture": `document.querySelectorAll(".incident .picture .node").length > 0`,
	})
	if err != nil {
		return err
	}
	m.waits("an incident's answer and its causes are painted"+store, time.Second, seen["answer"])
	m.waits("its cascade is painted, too", 0, seen["picture"])

	for _, asked := range []struct {
		name, path string
		limit      time.Duration
	}{
		{"API: list of the incidents", "/incidents", 100 * time.Millisecond},
		{"API: the incident", "/incidents/" + id, 100 * time.Millisecond},
		{"API: its windows", "/incidents/" + id + "/frames", 100 * time.Millisecond},
		{"API: its report as HTML", "/incidents/" + id + "/report.html", 100 * time.Millisecond},
	} {
		values, err := m.answers(ctx, p.url+"/api/v1"+asked.path)
		if err != nil {
			return err
		}
		m.waits(asked.name, asked.limit, values)
	}
	for _, asked := range []struct{ name, query string }{
		{"the newest traces", ""},
		{"the newest that failed", "&status=failed"},
		{"the longest", "&sort=longest"},
		{"an attribute that none has", "&attribute=no.such.key"},
	} {
		first, all, err := m.searches(ctx, p.url+"/api/v1/traces?last=10800"+asked.query)
		if err != nil {
			return err
		}
		m.waits("search for "+asked.name+": first answer", 0, first)
		m.waits("... until there is enough, or all was looked at", 0, all)
	}
	return nil
}

// searches makes a search so many times, as the page does: part by part until
// there are fifty traces, or for the longest until all was looked at. It gives
// how long the first answer took, and all together.
func (m *measurement) searches(ctx context.Context, url string) (first, all []float64, err error) {
	for range m.runs {
		began := time.Now()
		for next, found := url, 0; next != ""; {
			var l web.TraceList
			if err := get(ctx, next, &l); err != nil {
				return nil, nil, err
			}
			took := float64(time.Since(began).Microseconds()) / 1000
			if next == url {
				first, all = append(first, took), append(all, took)
			}
			all[len(all)-1] = took
			if found += len(l.Traces); l.Next == nil || found >= 50 && !strings.Contains(url, "longest") {
				break
			}
			next = fmt.Sprintf("%s&from=%s&to=%s&before=%s", url, l.Range.Start.Format(time.RFC3339Nano), l.Range.End.Format(time.RFC3339Nano), l.Next.Format(time.RFC3339Nano))
		}
	}
	return first, all, nil
}

// answers asks for an address so many times, and gives how long each answer
// took to be there whole.
func (m *measurement) answers(ctx context.Context, url string) ([]float64, error) {
	var values []float64
	for range m.runs {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, err
		}
		began := time.Now()
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(io.Discard, answer.Body)
		if err := errors.Join(err, answer.Body.Close()); err != nil {
			return nil, err
		}
		values = append(values, float64(time.Since(began).Microseconds())/1000)
		if answer.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s: %s", url, answer.Status)
		}
	}
	return values, nil
}

// wide measures the graph of a system with very many services.
func (m *measurement) wide(ctx context.Context) (err error) {
	p, err := m.play(ctx, "wide", wideScenario(m.services))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.quit()) }()
	b, quit, err := openBrowser(ctx)
	if err != nil {
		return err
	}
	defer quit()
	seen, err := b.visits(p.url+"/graph", m.runs, sights{
		"count":   `/\d/.test(document.querySelector(".graph-page [role=status]").textContent)`,
		"picture": `document.querySelectorAll(".graph-page .picture .node").length > 30`,
	})
	if err != nil {
		return err
	}
	m.waits(fmt.Sprintf("the graph of %d services can be searched", m.services), 0, seen["count"])
	m.waits("it is drawn, and can be used", 2*time.Second, seen["picture"])
	values, err := m.answers(ctx, p.url+"/api/v1/graph")
	if err != nil {
		return err
	}
	m.waits("API: that graph", 0, values)
	return nil
}
