package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"headwater/analysis"
	"headwater/analysis/workflow"
	"headwater/graph/trace"
	"headwater/web"
)

// leftSpans is the size of a recording up to which all of its incidents are looked at;
// of larger ones, the worst.
const (
	leftSpans = 3_000_000
	mostLeft  = 3
	// leftPieces is in how many pieces an incident with very much in it is looked at.
	leftPieces = 10
)

// leftBehind adds to each incident of a report what it left half done or done
// twice. Where there are more than so many spans, it does so for the worst.
func (r *recording) leftBehind(ctx context.Context, files []string, report *analysis.Report, limit int64) error {
	if len(report.Incidents) == 0 || r.interrupted {
		return nil
	}
	worst := make([]*analysis.Incident, len(report.Incidents))
	for i := range worst {
		worst[i] = &report.Incidents[i]
	}
	slices.SortStableFunc(worst, func(a, b *analysis.Incident) int { return cmp.Compare(hurt(b), hurt(a)) })
	most := len(worst)
	if r.stats.Spans > limit {
		most = min(most, mostLeft)
	}
	for _, in := range worst[:most] {
		left, err := leftOf(ctx, workflow.Around{Incident: timeOf(in), Trouble: trouble(report), Until: report.Range.End, Store: spans{r.store}}, judge)
		if err != nil {
			return err
		}
		if left.Any() {
			left.Command = fmt.Sprintf("headwater workflows --incident %s %s", during(in), shellWords(files))
		}
		in.Left = left
	}
	if n := len(worst) - most; n > 0 {
		report.Notes = append(report.Notes, fmt.Sprintf("What is half done was not looked for in %d of the incidents, the least: headwater workflows %s tells.", n, shellWords(files)))
	}
	return nil
}

// left says what an incident left half done, of what is stored, without taking much of
// the time that spans need which come meanwhile.
func (l *live) left(ctx context.Context, in *analysis.Incident, report *analysis.Report) (*analysis.Left, error) {
	ask := workflow.Around{Incident: timeOf(in), Trouble: trouble(report), Until: report.Range.End, Store: unhurried{spans{l.store}, l.judging}}
	left, err := leftOf(ctx, ask, func(ctx context.Context, ask workflow.Around) (*workflow.WorkflowReport, error) {
		if err := l.judging.Take(ctx); err != nil {
			return nil, err
		}
		defer l.judging.Give()
		return ask.Judge(ctx)
	})
	if err == nil && left.Any() {
		left.Command = fmt.Sprintf("curl -o workflows.csv %s/api/v1/incidents/%s/workflows.csv", l.address(), in.ID)
	}
	return left, err
}

// unhurried is a store that is read during at most a fifth of the time, unless somebody
// waits for the turn.
type unhurried struct {
	spans
	turn *web.Turn
}

// stint is for how long it is read at a time, restTimes how many times as long it is not.
const (
	stint     = 20 * time.Millisecond
	restTimes = 4
)

// Each implements workflow.Store.
func (u unhurried) Each(ctx context.Context, q workflow.Selection, yield func(*trace.Trace) bool) error {
	began := time.Now()
	var ended error
	err := u.spans.Each(ctx, q, func(t *trace.Trace) bool {
		if !yield(t) {
			return false
		}
		if worked := time.Since(began); worked > stint && !u.turn.Wanted() {
			if ended = pause(ctx, restTimes*worked); ended != nil {
				return false
			}
			began = time.Now()
		}
		return true
	})
	return errors.Join(err, ended)
}

func judge(ctx context.Context, ask workflow.Around) (*workflow.WorkflowReport, error) {
	return ask.Judge(ctx)
}

// leftOf counts what became of the workflows that began in an incident, piece by piece
// where there are very many. The command that lists them is left to the caller.
func leftOf(ctx context.Context, ask workflow.Around, judge func(context.Context, workflow.Around) (*workflow.WorkflowReport, error)) (*analysis.Left, error) {
	left := &analysis.Left{}
	for piece := 1; ; piece++ {
		found, err := judge(ctx, ask)
		if err != nil {
			return nil, err
		}
		n := found.Counts
		left.Workflows += n.Workflows
		left.HalfDone += n.HalfDone
		left.DoneTwice += n.DoneTwice
		left.PerhapsTwice += n.PerhapsTwice
		left.Running += n.Running
		if !found.Rest {
			break
		}
		if piece == leftPieces {
			left.Until = &found.Judged.End
			break
		}
		ask.From = found.Judged.End
	}
	left.Sentence = leftSentence(left)
	return left, nil
}

func leftSentence(l *analysis.Left) string {
	text := ""
	if l.Until != nil {
		text = fmt.Sprintf("Only those that began until %s UTC were looked at. ", l.Until.UTC().Format(time.TimeOnly))
	}
	if l.Workflows == 0 {
		return text + "No workflow that changes anything began in it."
	}
	if l.HalfDone+l.DoneTwice+l.PerhapsTwice+l.Running == 0 {
		return text + fmt.Sprintf("Of the %d workflows that began in it, none is half done and none did a step twice.", l.Workflows)
	}
	text += fmt.Sprintf("Of the %d workflows that began in it, %d are half done, %d did a step twice", l.Workflows, l.HalfDone, l.DoneTwice)
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
