package render

import (
	"strings"
	"time"

	"headwater/analysis"
)

// nameColumn is the width of the names beside the timeline.
const nameColumn = 24

// maxRows bounds how many nodes the timeline shows.
const maxRows = 25

// usual is the share of the greatest pressure below which a cell shows none.
const usual = 0.05

// failing is the share of failed visits from which on a cell shows failure.
const failing = 0.5

// timeline draws the nodes by onset, one character a window, or a few.
func (p *page) timeline(in *analysis.Incident) {
	rows := in.Timeline
	if len(rows) == 0 || len(rows[0].Cells) == 0 {
		return
	}
	var most float64
	cells := 0
	for _, r := range rows {
		cells = max(cells, len(r.Cells))
		for _, c := range r.Cells {
			most = max(most, c.Own+c.Inherited)
		}
	}
	room := p.width - nameColumn - len("  15:04:05  ") - 2
	each := (cells + room - 1) / room
	first := rows[0].Cells[0].Time
	p.heading("Timeline, by onset")
	p.text("  ", "# own pressure, + inherited, x most visits fail, . as usual; %s a character, from %s", step(rows[0].Cells, each), moment(first))
	for _, r := range rows[:min(len(rows), maxRows)] {
		onset := strings.Repeat(" ", len("15:04:05"))
		if r.Onset != nil {
			onset = r.Onset.UTC().Format("15:04:05")
		}
		p.line("  %s  %s  %s", pad(r.Name, nameColumn), onset, drawn(r.Cells, each, most))
	}
	if more := len(rows) - maxRows; more > 0 {
		p.text("  ", "and %s less pressed", count(int64(more), "node"))
	}
}

// step is how much time one character stands for.
func step(cells []analysis.Cell, each int) string {
	if len(cells) < 2 {
		return "one window"
	}
	return span(cells[1].Time.Sub(cells[0].Time) * time.Duration(each))
}

// drawn gives one character for each so many cells: the worst of them.
func drawn(cells []analysis.Cell, each int, most float64) string {
	var b strings.Builder
	for len(cells) > 0 {
		n := min(each, len(cells))
		b.WriteByte(mark(cells[:n], most))
		cells = cells[n:]
	}
	return b.String()
}

func mark(cells []analysis.Cell, most float64) byte {
	var own, inherited, failed float64
	for _, c := range cells {
		own, inherited, failed = max(own, c.Own), max(inherited, c.Inherited), max(failed, c.Failed)
	}
	switch {
	case failed >= failing:
		return 'x'
	case most <= 0 || own+inherited < usual*most:
		return '.'
	case own >= inherited:
		return '#'
	}
	return '+'
}
