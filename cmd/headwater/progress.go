package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
)

// progress is a bar on a person's screen that appears when work takes longer
// than two seconds. It is not safe for concurrent use.
type progress struct {
	out       io.Writer // nil: nobody watches
	done, all int
	began     time.Time
	drawn     time.Time // last; zero before the first time
}

func newProgress(f *os.File, all int) *progress {
	p := &progress{all: all, began: time.Now()}
	if isatty.IsTerminal(f.Fd()) {
		p.out = f
	}
	return p
}

// step counts one piece of work.
func (p *progress) step() {
	p.done++
	now := time.Now()
	if p.out == nil || now.Sub(p.began) < 2*time.Second || now.Sub(p.drawn) < 200*time.Millisecond {
		return
	}
	p.drawn = now
	const width = 40
	full := width * p.done / max(p.all, 1)
	left := time.Duration(float64(now.Sub(p.began)) / float64(p.done) * float64(p.all-p.done)).Round(time.Second)
	fmt.Fprintf(p.out, "\r[%s%s] %d of %d, %s left \x1b[K", strings.Repeat("#", full), strings.Repeat(".", width-full), p.done, p.all, left)
}

// end takes the bar away.
func (p *progress) end() {
	if !p.drawn.IsZero() {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
