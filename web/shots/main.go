//go:build browser

package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"headwater/analysis"
	"headwater/web"
)

// most is the size in bytes that a picture may have.
const most = 300 << 10

// shot is one picture: a view of the page, and what must be seen in it.
type shot struct {
	name, path, ready, scheme string
	height                    int64
}

func main() {
	url := flag.String("url", "http://127.0.0.1:7317", "address of the page")
	out := flag.String("out", filepath.Join("docs", "images"), "folder for the pictures")
	flag.Parse()
	if err := run(*url, *out); err != nil {
		log.Fatal(err)
	}
}

func run(url, out string) error {
	shots, err := choose(url)
	if err != nil {
		return err
	}
	browser, quit := chromedp.NewExecAllocator(context.Background(),
		append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU)...)
	defer quit()
	ctx, quit := chromedp.NewContext(browser)
	defer quit()
	ctx, giveUp := context.WithTimeout(ctx, time.Minute)
	defer giveUp()
	for _, s := range shots {
		if err := s.take(ctx, url, out); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// choose picks the newest incident, the middle of what it is about, and traces
// of its first causes.
func choose(url string) ([]shot, error) {
	var list web.IncidentList
	if err := get(url+"/api/v1/incidents", &list); err != nil {
		return nil, err
	}
	if len(list.Incidents) == 0 {
		return nil, fmt.Errorf("no incident yet")
	}
	var view web.IncidentView
	if err := get(url+"/api/v1/incidents/"+list.Incidents[0].ID, &view); err != nil {
		return nil, err
	}
	in := &view.Incident
	moment := in.Start.Add(time.Minute)
	var bad *analysis.Example
	for i := range in.Causes {
		for j := range in.Causes[i].Examples {
			if e := &in.Causes[i].Examples[j]; e.Role == "worst" && (bad == nil || e.Duration > bad.Duration) {
				bad = e
			}
		}
	}
	if bad == nil {
		return nil, fmt.Errorf("incident %s has no example traces", in.ID)
	}
	return []shot{
		{"incident", "/incidents/" + in.ID + "?at=" + moment.UTC().Format(time.RFC3339), "document.querySelectorAll('.picture .node').length > 0 && document.querySelectorAll('.edge.pressed').length > 0", "light", 1110},
		{"trace", "/traces/" + bad.TraceID.String(), "document.querySelectorAll('.span').length > 0", "dark", 760},
		{"evidence", "/incidents/" + in.ID + "?cause=1#cause-1", "document.querySelectorAll('.chart canvas').length > 0 && (document.getElementById('cause-1').scrollIntoView(), true)", "light", 860},
	}, nil
}

func (s shot) take(ctx context.Context, url, out string) error {
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: s.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	if err != nil {
		return err
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, s.height), chromedp.Navigate(url+s.path)); err != nil {
		return err
	}
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](s.ready)); err != nil {
		return err
	}
	picture, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: "png"})
	if err != nil {
		return err
	}
	if len(picture.Data) > most {
		return fmt.Errorf("%d bytes, at most %d are wanted", len(picture.Data), most)
	}
	return os.WriteFile(filepath.Join(out, s.name+".png"), picture.Data, 0o644)
}

func get(url string, into any) error {
	answer, err := http.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, answer.Status)
	}
	return json.NewDecoder(answer.Body).Decode(into)
}
