//go:build browser

package main

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestDemoInTheBrowser opens the page of a demo before anything has happened,
// and never loads it again: the incident comes by itself.
func TestDemoInTheBrowser(t *testing.T) {
	d := startDemo(t, freePorts...)
	page := d.until(`page: (\S+)`)[0]

	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU)
	ctx, quit := chromedp.NewExecAllocator(t.Context(), options...)
	defer quit()
	ctx, quit = chromedp.NewContext(ctx)
	defer quit()
	ctx, giveUp := context.WithTimeout(ctx, patience)
	defer giveUp()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(page)); err != nil {
		t.Fatal(err)
	}
	shows := func(selector, text string) {
		t.Helper()
		condition := fmt.Sprintf("[...document.querySelectorAll(%q)].some(e => e.textContent.includes(%q))", selector, text)
		if _, err := chromedp.Run(ctx, chromedp.Poll[bool](condition)); err != nil {
			body, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
			t.Fatalf("%s never showed %q: %v\nThe page shows:\n%s", selector, text, err, body)
		}
	}
	shows(".incident-row", "orders-db")
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("document.querySelector('.incident-row a').click(), true")); err != nil {
		t.Fatal(err)
	}
	shows("h1", "orders-db")
	shows(".cause", "orders-db")
	shows(".picture .node", "orders-db")
	shows(".impact tr", "POST /checkout")
}
