package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"headwater/analysis"
	"headwater/analysis/workflow"
	"headwater/graph/trace"
)

// leftSpans is the size of a recording up to which all of it is read once more to
// tell what is half done; of larger ones, what stands around the worst incidents.
const (
	leftSpans = 3_000_000
	mostLeft  = 3
)

// leftBehind adds to each incident of a report what it left half done or done
// twice. Where there are more than so many spans, it may be of a part of it.
func (r *recording) leftBehind(ctx context.Context, files []string, report *analysis.Report, limit int64) error {
	if len(report.Incidents) == 0 || r.interrupted {
		return nil
	}
	if r.stats.Spans > limit {
		return r.leftAround(ctx, files, report, int(limit))
	}
	reader := workflow.NewReader(workflow.Options{Trouble: trouble(report)})
	if err := r.traces(ctx, func(t *trace.Trace) { reader.Add(t) }); err != nil {
		return err
	}
	found := reader.Report()
	for i := range report.Incidents {
		setLeft(&report.Incidents[i], found, files)
	}
	return nil
}

// leftAround does so for the worst incidents, of what stands around each.
func (r *recording) leftAround(ctx context.Context, files []string, report *analysis.Report, limit int) error {
	worst := make([]*analysis.Incident, len(report.Incidents))
	for i := range worst {
		worst[i] = &report.Incidents[i]
	}
	slices.SortStableFunc(worst, func(a, b *analysis.Incident) int { return cmp.Compare(hurt(b), hurt(a)) })
	for _, in := range worst[:min(len(worst), mostLeft)] {
		found, err := workflow.Around{
			Incident: timeOf(in), Until: report.Range.End, Hold: min(spansAtOnce, limit/6), Read: 8 * limit,
			Spans: spans{r.store}.Wanted,
		}.Judge(ctx)
		if err != nil {
			return err
		}
		setLeft(in, found, files)
	}
	if n := len(worst) - mostLeft; n > 0 {
		report.Notes = append(report.Notes, fmt.Sprintf("What is half done was not looked for in %d of the incidents, the least: headwater workflows %s tells.", n, shellWords(files)))
	}
	return nil
}

// setLeft counts what was found of an incident.
func setLeft(in *analysis.Incident, found *workflow.WorkflowReport, files []string) {
	left := &analysis.Left{}
	for k := range found.Workflows {
		w := &found.Workflows[k]
		if w.Start.Before(in.Start) || in.End != nil && !w.Start.Before(*in.End) {
			continue
		}
		switch w.State {
		case workflow.HalfDone:
			left.HalfDone++
		case workflow.Running:
			left.Running++
		}
		if len(w.Twice) > 0 {
			left.DoneTwice++
		}
		if len(w.Perhaps) > 0 {
			left.PerhapsTwice++
		}
	}
	if left.HalfDone+left.DoneTwice+left.PerhapsTwice == 0 {
		return
	}
	left.Sentence = leftSentence(left)
	if found.Rest {
		left.Sentence = fmt.Sprintf("Only those that began until %s UTC were looked at. ", found.Judged.End.UTC().Format(time.TimeOnly)) + left.Sentence
	}
	left.Command = fmt.Sprintf("headwater workflows --incident %s %s", during(in), shellWords(files))
	in.Left = left
}

func leftSentence(l *analysis.Left) string {
	text := fmt.Sprintf("Of the workflows that began in it, %d are half done, %d did a step twice", l.HalfDone, l.DoneTwice)
	if l.PerhapsTwice > 0 {
		text += fmt.Sprintf(", %d perhaps did at a system that sends no spans", l.PerhapsTwice)
	}
	return text + fmt.Sprintf(" and %d are not over.", l.Running)
}

// during is an incident's time as a flag takes it.
func during(in *analysis.Incident) string {
	text := in.Start.Format(time.RFC3339Nano) + "/"
	if in.End != nil {
		text += in.End.Format(time.RFC3339Nano)
	}
	return text
}

// shellWords writes file names so that a shell takes them back.
func shellWords(files []string) string {
	out := make([]string, 0, len(files))
	for _, f := range files {
		if strings.ContainsAny(f, " \t\n'\"\\$&|;<>()*?[]{}!#~`") {
			f = "'" + strings.ReplaceAll(f, "'", `'\''`) + "'"
		}
		out = append(out, f)
	}
	return strings.Join(out, " ")
}
