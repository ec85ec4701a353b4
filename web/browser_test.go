//go:build browser

package web_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"headwater/web"
	"headwater/web/webtest"
)

// patience bounds a whole test: nothing in it waits for a time to pass.
const patience = time.Minute

// site is a real server that can go and come back at the same address.
type site struct {
	t       *testing.T
	source  *webtest.Source
	addr    string
	token   string // asked for, where it is not empty
	spans   web.Spans
	windows web.Windows
	judge   int // spans that are judged for one answer on workflows
	stop    func()
}

func newSite(t *testing.T, source *webtest.Source) *site {
	t.Helper()
	s := &site{t: t, source: source, addr: "127.0.0.1:0"}
	s.start()
	t.Cleanup(func() { s.stop() })
	return s
}

func (s *site) start() {
	s.t.Helper()
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.addr = listener.Addr().String()
	cfg := config(s.source)
	cfg.Addr = s.addr
	cfg.JudgeSpans = s.judge
	if s.spans != nil {
		cfg.Spans = s.spans
	}
	if s.windows != nil {
		cfg.Windows = s.windows
	}
	if token := s.token; token != "" {
		cfg.Authorized = func(t string) bool { return t == token }
	}
	page, err := web.New(cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	server := &http.Server{Handler: page.Handler(), ReadHeaderTimeout: patience}
	server.RegisterOnShutdown(page.Close)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	s.stop = func() {
		s.stop = func() {}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			s.t.Errorf("the server did not end: %v", err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			s.t.Errorf("the server ended: %v", err)
		}
	}
}

// tab is a page in Chromium.
type tab struct {
	t   *testing.T
	ctx context.Context
	url string
}

// open starts Chromium; a test without it fails.
func (s *site) open(path string) *tab {
	s.t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU)
	if path := os.Getenv("CHROMIUM"); path != "" {
		options = append(options, chromedp.ExecPath(path))
	}
	browser, quit := chromedp.NewExecAllocator(s.t.Context(), options...)
	s.t.Cleanup(quit)
	ctx, quitTab := chromedp.NewContext(browser)
	s.t.Cleanup(quitTab)
	ctx, giveUp := context.WithTimeout(ctx, patience)
	s.t.Cleanup(giveUp)
	b := &tab{s.t, ctx, "http://" + s.addr}
	b.failOnErrors()
	b.do("open "+path, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(b.url+path))
	return b
}

// failOnErrors makes exceptions and breaches of the content policy errors of
// the test. Lost connections are what some tests are about.
func (b *tab) failOnErrors() {
	messages := chromedp.Console(b.ctx)
	done := make(chan struct{})
	b.t.Cleanup(func() { <-done })
	ctx, stop := context.WithCancel(b.ctx)
	b.t.Cleanup(stop)
	go func() {
		defer close(done)
		for m, err := range messages {
			if err != nil || ctx.Err() != nil {
				return
			}
			if m.IsException() || strings.Contains(m.Text, "Content Security Policy") {
				b.t.Errorf("in the page: %s", m)
			}
		}
	}()
}

func (b *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v\n%s", what, err, b.text("body"))
	}
}

// text is what an element shows, for messages.
func (b *tab) text(selector string) string {
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector)))
	if err != nil {
		return err.Error()
	}
	return text
}

// until waits for a JavaScript expression to hold.
func (b *tab) until(expression string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression))
	for err != nil && b.ctx.Err() == nil && leaving(err) {
		_, err = chromedp.Run(b.ctx, chromedp.Poll[bool](expression))
	}
	if err != nil {
		b.t.Fatalf("never held: %s: %v\nThe page shows:\n%s", expression, err, b.text("body"))
	}
}

// leaving reports whether a wait was cut off because the tab went to another
// document, as a form makes it.
func leaving(err error) bool {
	return strings.Contains(err.Error(), "navigated") || strings.Contains(err.Error(), "Cannot find context") ||
		strings.Contains(err.Error(), "context was destroyed")
}

// shows waits for a text in an element.
func (b *tab) shows(selector, text string) {
	b.t.Helper()
	b.until(fmt.Sprintf("[...document.querySelectorAll(%q)].some((e) => e.textContent.replaceAll('\\u00a0', ' ').includes(%q))", selector, text))
}

// press clicks the element with a text.
func (b *tab) press(selector, text string) {
	b.t.Helper()
	b.shows(selector, text)
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](fmt.Sprintf(
		"[...document.querySelectorAll(%q)].find((e) => e.textContent.replaceAll('\\u00a0', ' ').includes(%q)).click()", selector, text))); err != nil {
		b.t.Fatalf("press %s %q: %v", selector, text, err)
	}
}

// keys sends keys to what has the focus.
func (b *tab) keys(keys string) {
	b.t.Helper()
	b.do("keys", chromedp.KeyEvent(keys))
}

// dark asks for dark colours.
func (b *tab) dark() {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
}
