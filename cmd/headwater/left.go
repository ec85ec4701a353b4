package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"headwater/analysis"
	"headwater/analysis/workflow"
	"headwater/graph/trace"
)

// leftSpans is the size of a recording up to which a report tells what is half
// done without being asked: to find out, all of it is read once more.
const leftSpans = 3_000_000

// leftBehind adds to each incident of a report what it left half done or done
// twice.
func (r *recording) leftBehind(ctx context.Context, files []string, report *analysis.Report) error {
	if len(report.Incidents) == 0 || r.interrupted {
		return nil
	}
	if r.stats.Spans > leftSpans {
		report.Notes = append(report.Notes, fmt.Sprintf("What is half done was not looked for in so many spans: headwater workflows %s tells.", shellWords(files)))
		return nil
	}
	reader := workflow.NewReader(workflow.Options{Trouble: trouble(report)})
	if err := r.traces(ctx, func(t *trace.Trace) { reader.Add(t) }); err != nil {
		return err
	}
	found := reader.Report()
	for i := range report.Incidents {
		in := &report.Incidents[i]
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
		if left.HalfDone+left.DoneTwice+left.PerhapsTwice > 0 {
			left.Sentence = leftSentence(left)
			left.Command = fmt.Sprintf("headwater workflows --incident %s %s", during(in), shellWords(files))
			in.Left = left
		}
	}
	return nil
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
