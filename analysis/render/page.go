package render

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// page writes lines, and keeps the first error.
type page struct {
	out   io.Writer
	width int
	color bool
	err   error
}

func newPage(w io.Writer, opt TextOptions) *page {
	if opt.Width == 0 {
		opt.Width = DefaultWidth
	}
	return &page{out: w, width: max(opt.Width, MinWidth), color: opt.Color}
}

// The ANSI colours.
const (
	bold   = "\x1b[1m"
	red    = "\x1b[1;31m"
	yellow = "\x1b[33m"
	reset  = "\x1b[0m"
)

func causeColor(rank int) string {
	if rank == 1 {
		return red
	}
	return yellow
}

func (p *page) put(color, line string) {
	if p.err != nil {
		return
	}
	line = strings.TrimRight(clean(line), " ")
	if p.color && color != "" {
		line = color + line + reset
	}
	_, p.err = io.WriteString(p.out, line+"\n")
}

func (p *page) blank() { p.put("", "") }

func (p *page) line(format string, args ...any) { p.put("", fmt.Sprintf(format, args...)) }

func (p *page) colored(color, format string, args ...any) { p.put(color, fmt.Sprintf(format, args...)) }

// heading begins a part of the text.
func (p *page) heading(title string) {
	p.blank()
	p.put(bold, strings.ToUpper(title))
}

// text writes a paragraph, wrapped; its later lines hang a little.
func (p *page) text(indent, format string, args ...any) {
	for i, l := range wrap(fmt.Sprintf(format, args...), p.width-len(indent)-2) {
		if i > 0 {
			l = "  " + l
		}
		p.put("", indent+l)
	}
}

// strong writes the sentence that stands first.
func (p *page) strong(format string, args ...any) {
	for _, l := range wrap(fmt.Sprintf(format, args...), p.width) {
		p.put(bold, l)
	}
}

// wrap cuts a text into lines at its spaces; a longer word stands alone.
func wrap(text string, width int) []string {
	var lines []string
	rest := clean(text)
	for utf8.RuneCountInString(rest) > width {
		runes := []rune(rest)
		cut := strings.LastIndex(strings.TrimLeft(string(runes[:width+1]), " "), " ")
		if cut <= 0 {
			if cut = strings.Index(strings.TrimLeft(rest, " "), " "); cut < 0 {
				break
			}
		}
		rest = strings.TrimLeft(rest, " ")
		lines = append(lines, strings.TrimRight(rest[:cut], " "))
		rest = strings.TrimLeft(rest[cut:], " ")
	}
	return append(lines, rest)
}

// clean replaces what could drive a terminal or break a line.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}

// table is rows of columns; the first row is the head, the first column text,
// the others numbers.
type table [][]string

func (p *page) table(t table) {
	widths := make([]int, len(t[0]))
	for _, row := range t {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	// The first column gives way where the line is too long.
	rest := 2
	for _, w := range widths[1:] {
		rest += w + 2
	}
	widths[0] = min(widths[0], max(p.width-rest, 12))
	for _, row := range t {
		line := "  " + pad(row[0], widths[0])
		for i, cell := range row[1:] {
			line += "  " + strings.Repeat(" ", widths[i+1]-utf8.RuneCountInString(cell)) + cell
		}
		p.line("%s", line)
	}
}

// pad fills or cuts a text to a width in columns.
func pad(s string, width int) string {
	runes := []rune(s)
	if len(runes) > width {
		return string(runes[:width-2]) + ".."
	}
	return s + strings.Repeat(" ", width-len(runes))
}
