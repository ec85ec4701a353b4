package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"headwater/analysis"
	"headwater/graph"
)

type analyzeCmd struct {
	Files []string `arg:"" name:"file" help:"Files, folders, patterns, or - for standard input: OTLP (JSON, protobuf), or the JSON of Jaeger, Tempo, Zipkin, X-Ray, Datadog or an SDK's console exporter, plain or packed with gzip or zstd. What a file is shows in its content."`
	answer
	question
	ExitCode    bool   `help:"End with status 3 where there was an incident, 4 where the data are too few to tell, and 0 where nothing left its baseline; for use in CI."`
	HTTP        bool   `name:"http" help:"Browse the recording in the full page, until Ctrl-C."`
	HTTPAddress string `name:"http-address" default:"127.0.0.1:0" placeholder:"HOST:PORT" help:"Where --http listens. Default: a free port of this machine."`
}

// question is what a user wants to know.
type question struct {
	Baseline []string  `placeholder:"FILE|FROM/TO" sep:"none" help:"When the system was well: another recording, or a stretch of time of this one. May be given again."`
	Contrast bool      `xor:"when" help:"Compare the requests that failed or were slow with the good ones of the same routes: for a few traces, good and bad mixed, without a time before."`
	Incident *interval `xor:"when" placeholder:"FROM/TO" help:"When the incident was, if it is known: times of RFC 3339 or Unix times. TO may be empty."`
	Around   *moment   `xor:"when" placeholder:"TIME" help:"Look at what happened around this time."`
	Service  string    `placeholder:"NAME" help:"Only incidents that this service, database or queue takes part in."`
	Route    string    `placeholder:"NAME" help:"Only what requests of this route suffered, such as 'POST /checkout'."`
}

// Help implements kong.HelpProvider.
func (analyzeCmd) Help() string {
	return `Examples:
  headwater analyze traces.json                          a file saved from Jaeger, Tempo, Zipkin, ...
  headwater analyze --out report.html spans.jsonl.zst    one page to send on
  headwater analyze --format markdown traces/ | pbcopy   the draft of a post-mortem
  headwater analyze --baseline monday.json tuesday.json  compared with another day
  headwater analyze --around 2026-03-02T14:05:00Z --service checkout traces/*.gz
  headwater analyze --contrast slow-and-fast.json        no time before, good and bad mixed
  headwater analyze --exit-code load-test.jsonl          did this load test cascade?
  kubectl logs collector | headwater analyze -

The exit status is 1 on errors, and 0 otherwise unless --exit-code is given.`
}

func (c *analyzeCmd) Run(ctx context.Context, t *terminal) (err error) {
	r, err := record(ctx, t, c.Files)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	report, err := c.ask(ctx, t, r)
	if err != nil {
		return err
	}
	if !c.Contrast {
		if err := r.leftBehind(ctx, c.Files, report, leftSpans); err != nil {
			return fmt.Errorf("workflows: %w", err)
		}
	}
	if err := c.print(t, report); err != nil {
		return err
	}
	switch {
	case r.interrupted:
		return errors.New("interrupted")
	case c.HTTP:
		return browse(ctx, t, c.HTTPAddress, r, report)
	case c.ExitCode:
		return verdict(report)
	}
	return nil
}

// The exit statuses of --exit-code.
const (
	errIncident  exitError = 3
	errTooLittle exitError = 4
)

// verdict tells by the exit status whether there was an incident.
func verdict(r *analysis.Report) error {
	switch {
	case len(r.Incidents) > 0:
		return errIncident
	case len(r.Notes) > 0 && r.Data.Windows < enoughWindows || r.Data.Spans == 0:
		return errTooLittle
	}
	return nil
}

// enoughWindows is how many windows say enough of what is usual.
const enoughWindows = 12

// ask makes a report of a recording.
func (q *question) ask(ctx context.Context, t *terminal, r *recording) (*analysis.Report, error) {
	if q.Contrast {
		report, err := q.asked(ctx, r)
		if err == nil {
			q.focus(report)
			r.account(report)
		}
		return report, err
	}
	in := analysis.Input{Windows: r.windows}
	if err := q.compare(ctx, t, &in, r); err != nil {
		return nil, err
	}
	if q.Incident != nil {
		in.Incident = &q.Incident.Interval
	}
	if err := q.narrow(&in); err != nil {
		return nil, err
	}
	report := analysis.Analyze(in, analysis.Options{})
	if q.Around != nil {
		report = around(in, report, q.Around.Time)
	}
	report, err := q.unasked(ctx, r, report)
	if err != nil {
		return nil, err
	}
	q.focus(report)
	r.account(report)
	return report, nil
}

// compare adds the windows of what is known to be good.
func (q *question) compare(ctx context.Context, t *terminal, in *analysis.Input, r *recording) error {
	files, stretches := baselines(q.Baseline)
	for _, when := range stretches {
		good, rest := cut(in.Windows, when.Interval)
		if len(good) == 0 {
			return fmt.Errorf("baseline: no spans started in %s/%s", when.Start.Format(time.RFC3339), when.End.Format(time.RFC3339))
		}
		in.Known, in.Windows = append(in.Known, good...), rest
	}
	if len(files) == 0 {
		return nil
	}
	known, err := record(ctx, t, files)
	if err != nil {
		return fmt.Errorf("baseline: %w", err)
	}
	in.Known = append(in.Known, known.windows...)
	r.stats.Malformed = append(r.stats.Malformed, known.stats.Malformed...)
	r.stats.Mended = append(r.stats.Mended, known.stats.Mended...)
	return known.close()
}

// baselines tells files from stretches of time.
func baselines(list []string) (files []string, stretches []interval) {
	for _, b := range list {
		var when interval
		if _, err := os.Stat(b); err == nil || !strings.Contains(b, "/") || when.UnmarshalText([]byte(b)) != nil {
			files = append(files, b) // one that is missing is named when it is read
			continue
		}
		stretches = append(stretches, when)
	}
	return files, stretches
}

// cut parts the windows that start in a stretch of time from the others.
func cut(windows []*graph.Window, when analysis.Interval) (within, outside []*graph.Window) {
	for _, w := range windows {
		if w.Start >= when.Start.UnixNano() && (when.End.IsZero() || w.Start < when.End.UnixNano()) {
			within = append(within, w)
		} else {
			outside = append(outside, w)
		}
	}
	return within, outside
}
