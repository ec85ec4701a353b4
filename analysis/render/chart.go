package render

import (
	"fmt"
	"strings"
	"time"

	"headwater/analysis"
)

// Sizes of the timeline and of charts, in pixels.
const (
	nameWidth   = 170
	rowHeight   = 24
	cellHeight  = 20
	cellsWidth  = 880
	chartWidth  = 360
	chartHeight = 54
	axisHeight  = 20
)

// grid is a timeline laid out: nodes by onset, windows across.
type grid struct {
	Width, Height        float64
	IncidentX, IncidentW float64 // the stretch of the incident
	Rows                 []gridRow
	Ticks                []tick
	More                 int // rows that are not drawn
}

type gridRow struct {
	Y     float64
	Name  string
	Onset float64 // its place; negative where there is none
	Cells []gridCell
	Words string
}

type gridCell struct {
	X, W       float64
	OwnY, Own  float64 // the column's lower part
	InheritedY float64
	Inherited  float64 // its upper part
	Failing    bool
}

type tick struct {
	X    float64
	Text string
}

func timelinePicture(in *analysis.Incident) *grid {
	if len(in.Timeline) == 0 || len(in.Timeline[0].Cells) == 0 {
		return nil
	}
	var rows []analysis.Row
	for i := range in.Timeline {
		if len(rows) < mostDrawn && touched(in, &in.Timeline[i]) {
			rows = append(rows, in.Timeline[i])
		}
	}
	if len(rows) == 0 {
		return nil
	}
	first, last := rows[0].Cells[0].Time, rows[0].Cells[len(rows[0].Cells)-1].Time
	step := 10 * time.Second
	if n := len(rows[0].Cells); n > 1 {
		step = last.Sub(first) / time.Duration(n-1)
	}
	end := last.Add(step)
	g := &grid{Width: nameWidth + cellsWidth + margin, More: len(in.Timeline) - len(rows)}
	at := scale(first, end, nameWidth, cellsWidth)
	var most float64
	for i := range rows {
		for _, c := range rows[i].Cells {
			most = max(most, c.Own+c.Inherited)
		}
	}
	for i := range rows {
		g.Rows = append(g.Rows, rowOf(&rows[i], i, at, step, most))
	}
	g.Height = axisHeight + float64(len(rows))*rowHeight + 4
	g.IncidentX = at(in.Start)
	g.IncidentW = nameWidth + cellsWidth - g.IncidentX
	if in.End != nil {
		g.IncidentW = max(0, at(*in.End)-g.IncidentX)
	}
	g.Ticks = ticks(first, end, at)
	return g
}

func rowOf(r *analysis.Row, i int, at func(time.Time) float64, step time.Duration, most float64) gridRow {
	row := gridRow{Y: axisHeight + float64(i)*rowHeight, Name: short(r.Name, 22), Onset: -1, Words: r.Name}
	if r.Onset != nil {
		row.Onset = at(*r.Onset)
		row.Words += ", changed of itself at " + r.Onset.UTC().Format("15:04:05")
	}
	for _, c := range r.Cells {
		if most <= 0 || c.Own+c.Inherited < usual*most && c.Failed < failing {
			continue
		}
		x := at(c.Time)
		cell := gridCell{X: x, W: max(1, round(at(c.Time.Add(step))-x-0.6)), Failing: c.Failed >= failing}
		cell.Own = round(cellHeight * max(0, c.Own) / most)
		cell.Inherited = round(cellHeight * max(0, c.Inherited) / most)
		cell.OwnY = cellHeight - cell.Own
		cell.InheritedY = cell.OwnY - cell.Inherited
		row.Cells = append(row.Cells, cell)
	}
	return row
}

// scale maps times to places.
func scale(from, to time.Time, x, width float64) func(time.Time) float64 {
	all := to.Sub(from).Seconds()
	return func(t time.Time) float64 {
		if all <= 0 {
			return x
		}
		return round(x + width*min(1, max(0, t.Sub(from).Seconds()/all)))
	}
}

// ticks are at most eight times that a person would choose.
func ticks(from, to time.Time, at func(time.Time) float64) (list []tick) {
	const most = 8
	for _, step := range []time.Duration{
		10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute,
		time.Hour, 3 * time.Hour, 6 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour,
	} {
		if to.Sub(from)/step > most {
			continue
		}
		layout := "15:04"
		switch {
		case step < time.Minute:
			layout = "15:04:05"
		case step >= 24*time.Hour:
			layout = "Jan 2"
		}
		for t := from.UTC().Truncate(step); t.Before(to); t = t.Add(step) {
			if !t.Before(from) {
				list = append(list, tick{at(t), t.Format(layout)})
			}
		}
		return list
	}
	return nil
}

// chart is a metric window by window.
type chart struct {
	Width, Height float64
	Line          string
	BaselineY     float64
	FromX, Long   float64 // the incident's stretch
	Top           string
}

func seriesPicture(e *analysis.Evidence, in *analysis.Incident) *chart {
	if len(e.Series) < 2 {
		return nil
	}
	var most float64
	for _, p := range e.Series {
		most = max(most, p.Value)
	}
	if most <= 0 {
		return nil
	}
	first, last := e.Series[0].Time, e.Series[len(e.Series)-1].Time
	at := scale(first, last, 0, chartWidth)
	y := func(v float64) float64 { return round(chartHeight - 2 - (chartHeight-6)*max(0, v)/most) }
	var line strings.Builder
	for i, p := range e.Series {
		if i > 0 {
			line.WriteByte(' ')
		}
		fmt.Fprintf(&line, "%g,%g", at(p.Time), y(p.Value))
	}
	c := &chart{
		Width: chartWidth, Height: chartHeight, Line: line.String(), BaselineY: y(e.Baseline),
		FromX: at(in.Start), Top: quantity(most, e.Unit),
	}
	c.Long = chartWidth - c.FromX
	if in.End != nil {
		c.Long = max(0, at(*in.End)-c.FromX)
	}
	return c
}
