//go:build browser

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"

	"headwater/ingest/dump"
)

// browser starts a browser that is gone when the test ends.
func browser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU)
	ctx, quit := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(quit)
	ctx, quit = chromedp.NewContext(ctx)
	t.Cleanup(quit)
	ctx, giveUp := context.WithTimeout(ctx, patience)
	t.Cleanup(giveUp)
	return ctx
}

// showsPrices waits until an element names the service that is the cause.
func showsPrices(ctx context.Context, t *testing.T, selector string) {
	t.Helper()
	const text = "prices"
	condition := fmt.Sprintf("[...document.querySelectorAll(%q)].some(e => e.textContent.includes(%q))", selector, text)
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](condition)); err != nil {
		body, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
		t.Fatalf("%s never showed %q: %v\nThe page shows:\n%s", selector, text, err, body)
	}
}

// TestARecordingInTheBrowser browses a recording with the full page.
func TestARecordingInTheBrowser(t *testing.T) {
	spans, err := basketSpans()
	if err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"analyze", "--http", "-"}, bytes.NewReader(formatted(t, dump.OTLP, spans)), in, io.Discard)
		in.Close()
		ended <- err
	}()
	defer func() {
		interrupt()
		if _, err := io.Copy(io.Discard, out); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	page := ""
	for lines := bufio.NewScanner(out); page == "" && lines.Scan(); {
		page = regexp.MustCompile(`http://[^ ]+`).FindString(lines.Text())
	}
	tab := browser(t)
	if err := chromedp.Do(tab, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(page)); err != nil {
		t.Fatal(err)
	}
	showsPrices(tab, t, ".incident-row")
	if _, err := chromedp.Run(tab, chromedp.Evaluate[bool]("document.querySelector('.incident-row a').click(), true")); err != nil {
		t.Fatal(err)
	}
	showsPrices(tab, t, "h1")
	showsPrices(tab, t, ".cause")
}

// TestTheReportOpensInTheBrowser opens the HTML report from a file: it shows its
// pictures, and asks for nothing.
func TestTheReportOpensInTheBrowser(t *testing.T) {
	spans, err := basketSpans()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	file, report := filepath.Join(folder, "spans.json"), filepath.Join(folder, "report.html")
	if err := os.WriteFile(file, formatted(t, dump.Jaeger, spans), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "analyze", "--out", report, file)
	tab := browser(t)
	if err := chromedp.Do(tab, chromedp.EmulateViewport(1280, 900), chromedp.Navigate("file://"+report)); err != nil {
		t.Fatal(err)
	}
	showsPrices(tab, t, "h1")
	showsPrices(tab, t, "svg .box")
	showsPrices(tab, t, "article.first h3")
	asked, err := chromedp.Run(tab, chromedp.Evaluate[float64]("performance.getEntriesByType('resource').length"))
	if err != nil || asked != 0 {
		t.Errorf("the page asked for %v things, %v", asked, err)
	}
}
