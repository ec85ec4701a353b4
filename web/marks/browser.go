//go:build browser

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// patience bounds one view of the page.
const patience = time.Minute

// browser is Chromium, all its processes on a core of their own.
type browser struct{ ctx context.Context }

func openBrowser(ctx context.Context) (*browser, func(), error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.ModifyCmdFunc(func(cmd *exec.Cmd) { onCore(cmd, 1) }))
	if path := os.Getenv("CHROMIUM"); path != "" {
		options = append(options, chromedp.ExecPath(path))
	}
	ctx, quit := chromedp.NewExecAllocator(ctx, options...)
	ctx, quitFirst := chromedp.NewContext(ctx)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil { // which starts it
		quitFirst()
		quit()
		return nil, nil, fmt.Errorf("start Chromium: %w", err)
	}
	return &browser{ctx}, func() { quitFirst(); quit() }, nil
}

// sights are things to be seen, by name: JavaScript expressions that hold then.
type sights map[string]string

// watching notes when each sight is painted, in milliseconds since the page was
// asked for: the change of the document that makes it hold, and the frame after.
const watching = `(() => {
  const sights = %s;
  window.seen = {};
  const look = () => {
    for (const [name, holds] of Object.entries(sights)) {
      let there = false;
      try { there = holds(); } catch {}
      if (!there) continue;
      delete sights[name];
      requestAnimationFrame(() => setTimeout(() => (window.seen[name] = performance.now())));
    }
    if (Object.keys(sights).length === 0) observer.disconnect();
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true, attributes: true, characterData: true });
})()`

func (s sights) script() (string, error) {
	functions := "{"
	for name, holds := range s {
		key, err := json.Marshal(name)
		if err != nil {
			return "", err
		}
		functions += fmt.Sprintf("%s: () => %s,", key, holds)
	}
	return fmt.Sprintf(watching, functions+"}"), nil
}

// visit opens an address in a new tab of a browser that has seen nothing yet,
// and gives when each of the sights was painted.
func (b *browser) visit(url string, s sights) (map[string]float64, error) {
	ctx, closeTab := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	defer closeTab()
	ctx, giveUp := context.WithTimeout(ctx, patience)
	defer giveUp()
	script, err := s.script()
	if err != nil {
		return nil, err
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil {
		return nil, err
	}
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}); err != nil {
		return nil, err
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		return nil, err
	}
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](fmt.Sprintf("Object.keys(window.seen).length === %d", len(s)))); err != nil {
		return nil, fmt.Errorf("%s was never seen whole: %w", url, err)
	}
	return chromedp.Run(ctx, chromedp.Evaluate[map[string]float64]("window.seen"))
}

// visits makes so many visits, and gathers when each sight was painted.
func (b *browser) visits(url string, runs int, s sights) (map[string][]float64, error) {
	all := map[string][]float64{}
	for range runs {
		seen, err := b.visit(url, s)
		if err != nil {
			return nil, err
		}
		for name, at := range seen {
			all[name] = append(all[name], at)
		}
	}
	return all, nil
}
