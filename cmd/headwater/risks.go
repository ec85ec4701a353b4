package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"headwater/analysis"
	"headwater/analysis/risk"
)

type risksCmd struct {
	Files     []string  `arg:"" optional:"" name:"file" help:"Files, folders, patterns, or - for standard input, as analyze reads them. Without any, a running Headwater is asked."`
	Server    string    `default:"http://127.0.0.1:7317" env:"HEADWATER_SERVER" placeholder:"URL" help:"The running Headwater. Default: ${default} (${env})."`
	TokenFile string    `name:"token-file" env:"HEADWATER_TOKEN_FILE" type:"path" placeholder:"FILE" help:"A file whose first line is the bearer token that it asks for (${env})."`
	Healthy   *interval `placeholder:"FROM/TO" help:"Look only at this time. Default: all of the files outside of incidents, or the last two hours of a running Headwater."`
	Critical  []string  `sep:"none" placeholder:"ROUTE" help:"A route that matters, such as 'POST /checkout'. May be given again. Default: those that are asked for most."`
	Play      int       `default:"10" placeholder:"N" help:"Play the traffic again with each of the N dependencies that are most used slowed down; 0 leaves it. Default: ${default}."`
	JSON      bool      `name:"json" help:"Write JSON, for machines."`
	Out       string    `short:"o" type:"path" placeholder:"FILE" help:"Write to this file."`
	ExitCode  bool      `help:"End with status 3 where a risk scores --least or more, 4 where there are too few traces to tell, and 0 else; for use in CI."`
	Least     float64   `default:"0.5" placeholder:"SCORE" help:"The score, from 0 to 1, from which on --exit-code fails. Default: ${default}."`
}

// Help implements kong.HelpProvider.
func (risksCmd) Help() string {
	return `Looks at healthy traffic for what would break when a dependency slows down:
retries that multiply, timeouts that are longer than the caller's or missing, calls
made once for each item, what critical and unimportant requests share, pools that
are nearly full. Then the traffic is played again with a dependency slowed down for
two minutes: from what factor on users feel it, and the system does not come back by
itself; where that is less than ten times, it is a risk of its own. docs/risks.md says how, and how often it is right.

Examples:
  headwater risks                                    the last two hours of a running Headwater
  headwater risks spans.jsonl.zst                    a recording
  headwater risks --exit-code --json load-test.jsonl did this release bring a weakness?
  headwater risks --critical 'POST /checkout' spans.jsonl`
}

func (c *risksCmd) Run(ctx context.Context, t *terminal) error {
	var report *risk.RiskReport
	var err error
	if len(c.Files) > 0 {
		report, err = c.ofFiles(ctx, t)
	} else {
		report, err = c.ofServer(ctx, t)
	}
	if err != nil {
		return err
	}
	if err := c.print(t, report); err != nil {
		return err
	}
	switch {
	case !c.ExitCode:
		return nil
	case len(report.Risks) > 0 && report.Risks[0].Score >= c.Least:
		return errIncident
	case len(report.Routes) == 0:
		return errTooLittle
	}
	return nil
}

// ofFiles reads a recording.
func (c *risksCmd) ofFiles(ctx context.Context, t *terminal) (_ *risk.RiskReport, err error) {
	r, err := record(ctx, t, c.Files)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	opt := risk.Options{Critical: c.Critical}
	if c.Healthy != nil {
		opt.Trouble = allBut(c.Healthy.Interval)
	} else {
		opt.Trouble = trouble(analysis.Analyze(analysis.Input{Windows: r.windows}, analysis.Options{}))
	}
	reader := risk.NewReader(opt)
	reader.Windows(r.windows)
	if err := r.traces(ctx, reader.Add); err != nil {
		return nil, err
	}
	if unknown := reader.Unknown(); len(unknown) > 0 {
		return nil, fmt.Errorf("--critical %q: no request of such a route was seen", unknown[0])
	}
	report := reader.Report()
	tell, end := playBar(t)
	defer end()
	return report, playRisks(ctx, reader, report, c.Play, tell)
}

// allBut is all the time before and after.
func allBut(in analysis.Interval) []analysis.Interval {
	out := []analysis.Interval{{Start: time.Unix(0, 0), End: in.Start}}
	if !in.End.IsZero() {
		out = append(out, analysis.Interval{Start: in.End})
	}
	return out
}

// serverTime bounds how long a running Headwater may take to answer, replayTime for
// a replay.
const (
	serverTime = time.Minute
	replayTime = 3 * time.Minute
)

// ofServer asks a running Headwater: for the risks, and then for one replay after
// the other.
func (c *risksCmd) ofServer(ctx context.Context, t *terminal) (*risk.RiskReport, error) {
	query := url.Values{"critical": c.Critical}
	if c.Healthy != nil {
		query.Set("from", c.Healthy.Start.Format(time.RFC3339Nano))
		if !c.Healthy.End.IsZero() {
			query.Set("to", c.Healthy.End.Format(time.RFC3339Nano))
		}
	}
	report := &risk.RiskReport{}
	if err := c.get(ctx, serverTime, "/api/v1/risks", query, report); err != nil {
		return nil, err
	}
	rows := report.MostUsed(c.Play)
	if len(rows) == 0 {
		return report, nil
	}
	query.Set("from", report.Range.Start.Format(time.RFC3339Nano))
	query.Set("to", report.Range.End.Format(time.RFC3339Nano))
	tell, end := playBar(t)
	defer end()
	for i, row := range rows {
		query.Set("node", row.Node.String())
		var plays struct {
			Room []risk.RiskRoom `json:"room"`
			Why  string          `json:"why"`
		}
		if err := c.get(ctx, replayTime, "/api/v1/risks/played", query, &plays); err != nil {
			return nil, err
		}
		if plays.Why != "" {
			report.NotPlayed(plays.Why)
			break
		}
		for k := range plays.Room {
			if plays.Room[k].Node == row.Node {
				row.Played = plays.Room[k].Played
			}
		}
		tell(i+1, len(rows))
	}
	report.Judge()
	return report, nil
}

// get asks a running Headwater for one thing.
func (c *risksCmd) get(ctx context.Context, within time.Duration, path string, query url.Values, into any) error {
	address, err := url.Parse(strings.TrimSuffix(c.Server, "/") + path)
	if err != nil || address.Host == "" {
		return fmt.Errorf("--server %q is no address such as http://127.0.0.1:7317", c.Server)
	}
	address.RawQuery = query.Encode()
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), http.NoBody)
	if err != nil {
		return err
	}
	if c.TokenFile != "" {
		text, err := os.ReadFile(c.TokenFile)
		if err != nil {
			return fmt.Errorf("--token-file: %w", err)
		}
		first, _, _ := strings.Cut(string(text), "\n")
		request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(first))
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("no Headwater answers: %w (--server sets another address; a file may be given instead)", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", c.Server, err)
	}
	if answer.StatusCode != http.StatusOK {
		var p struct {
			Detail string `json:"detail"`
		}
		if json.Unmarshal(body, &p) != nil || p.Detail == "" {
			p.Detail = "it is no Headwater, or one that does not know of risks"
		}
		return fmt.Errorf("%s: %s: %s", c.Server, answer.Status, p.Detail)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("read the answer of %s: %w", c.Server, err)
	}
	return nil
}

func (c *risksCmd) print(t *terminal, r *risk.RiskReport) error {
	write := func(w io.Writer) error {
		if !c.JSON {
			return risk.Text(w, r)
		}
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		out.SetEscapeHTML(false)
		return out.Encode(r)
	}
	if c.Out == "" {
		return write(t.out)
	}
	if err := writeFile(c.Out, write); err != nil {
		return err
	}
	t.note("%d risks are in %s", len(r.Risks), c.Out)
	return nil
}
