package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"sync"
	"time"

	"headwater/analysis"
	"headwater/graph"
)

// Windows gives the windows of the spans that came in.
type Windows interface {
	// Settle settles what is old enough at the given wall time, and returns the
	// windows that are new or changed.
	Settle(ctx context.Context, now time.Time) ([]*graph.Window, error)
	// Windows finds the settled windows that start in [from, to), in Unix
	// nanoseconds, in order of time.
	Windows(ctx context.Context, from, to int64) ([]*graph.Window, error)
}

// Journal keeps what was said about incidents.
type Journal interface {
	// SaveIncident keeps the record under the id, in place of an earlier one.
	SaveIncident(ctx context.Context, id string, record []byte) error
	// Incidents gives all records.
	Incidents(ctx context.Context) ([]Record, error)
}

// Record is an incident as the journal keeps it.
type Record struct {
	ID   string
	Data []byte // JSON; its form is this package's own
}

// The stretch of time, in event time, that is analysed anew with each window:
// horizon, and longer where an incident is open, with lead before its start to
// compare with, but never more than limit.
const (
	horizon = 2 * time.Hour
	lead    = 30 * time.Minute
	limit   = 24 * time.Hour
)

// enough bounds what is analysed by what the windows tell apart (graph.Window's
// Entries, of about half a kilobyte each): of a very large system the stretch is
// shorter, but not shorter than lead.
const enough = 400_000

// interval is how often windows are settled.
const interval = time.Second

// rest is how many times as long as an analysis took nothing is analysed after
// it: where it takes long, reports come less often, and spans come in meanwhile.
const rest = 4

// Config is what a Watcher needs. All fields are required.
type Config struct {
	Windows Windows
	Journal Journal
	// Analyze says what windows mean. It is given none at first.
	Analyze func([]*graph.Window) *analysis.Report
	Log     *slog.Logger
}

func (c Config) validate() error {
	switch {
	case c.Windows == nil:
		return errors.New("watch: no Windows")
	case c.Journal == nil:
		return errors.New("watch: no Journal")
	case c.Analyze == nil:
		return errors.New("watch: no Analyze")
	case c.Log == nil:
		return errors.New("watch: no Log")
	}
	return nil
}

// Watcher keeps the newest report up to date. Its methods other than Run are
// safe for concurrent use.
type Watcher struct {
	cfg Config

	// Run alone touches these.
	newest  int64 // end of the newest window, Unix nanoseconds
	dirty   bool  // windows came that no published report covers
	trouble string
	next    time.Time // not before then is anything analysed

	mu      sync.RWMutex
	report  *analysis.Report
	known   history
	readers map[chan struct{}]struct{}
}

// New makes a Watcher that knows the journal's incidents. The first report is
// made from the windows of the day before now.
func New(ctx context.Context, cfg Config) (*Watcher, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	known, err := load(ctx, cfg.Journal, cfg.Log)
	if err != nil {
		return nil, err
	}
	w := &Watcher{cfg: cfg, known: known, readers: map[chan struct{}]struct{}{}}
	stored, err := cfg.Windows.Windows(ctx, time.Now().Add(-limit).UnixNano(), math.MaxInt64)
	if err != nil {
		return nil, fmt.Errorf("read the windows of the last day: %w", err)
	}
	w.notice(stored)
	if err := w.fold(ctx); err != nil {
		return nil, err
	}
	return w, nil
}

// Run settles windows every second and keeps the report up to date until ctx
// ends, and then returns nil. Failures are logged and tried again.
func (w *Watcher) Run(ctx context.Context) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			err := w.step(ctx, now)
			if ctx.Err() != nil {
				return nil
			}
			w.complain(ctx, err)
		}
	}
}

// complain logs a failure once, however often it comes back.
func (w *Watcher) complain(ctx context.Context, err error) {
	switch {
	case err == nil && w.trouble != "":
		w.trouble = ""
		w.cfg.Log.InfoContext(ctx, "watching goes on")
	case err != nil && err.Error() != w.trouble:
		w.trouble = err.Error()
		w.cfg.Log.ErrorContext(ctx, "could not bring the report up to date; trying again", "error", err)
	}
}

func (w *Watcher) step(ctx context.Context, now time.Time) error {
	changed, err := w.cfg.Windows.Settle(ctx, now)
	w.notice(changed)
	if err != nil {
		return fmt.Errorf("settle windows: %w", err)
	}
	if !w.dirty || time.Now().Before(w.next) {
		return nil
	}
	began := time.Now()
	err = w.fold(ctx)
	ended := time.Now()
	w.next = ended.Add(rest * ended.Sub(began))
	return err
}

func (w *Watcher) notice(changed []*graph.Window) {
	for _, win := range changed {
		w.newest = max(w.newest, win.Start+win.Length)
		w.dirty = true
	}
}

// fold makes a report of the windows up to the newest, saves what is new about
// incidents, and publishes it.
func (w *Watcher) fold(ctx context.Context) error {
	windows, err := w.read(ctx)
	if err != nil {
		return fmt.Errorf("read windows: %w", err)
	}
	report, known := w.known.fold(w.cfg.Analyze(windows))
	if err := save(ctx, w.cfg.Journal, w.known, known); err != nil {
		return err
	}
	w.dirty = false
	w.publish(report, known)
	return nil
}

// read gives the windows to analyse, in order of time: from the newest back until
// there are enough.
func (w *Watcher) read(ctx context.Context) ([]*graph.Window, error) {
	var parts [][]*graph.Window
	entries := 0
	for from, to := w.from(), w.newest; to > from; {
		start := max(from, to-int64(part))
		windows, err := w.cfg.Windows.Windows(ctx, start, to)
		if err != nil {
			return nil, err
		}
		parts = append(parts, windows)
		for _, win := range windows {
			entries += win.Entries()
		}
		if to = start; entries > enough && w.newest-to >= int64(lead) {
			break
		}
	}
	slices.Reverse(parts)
	return slices.Concat(parts...), nil
}

// part is how much is read at once.
const part = 10 * time.Minute

// from is the start of what is analysed.
func (w *Watcher) from() int64 {
	newest := time.Unix(0, w.newest)
	from := newest.Add(-horizon)
	for _, r := range w.known {
		if start := r.Incident.Start.Add(-lead); r.current() && r.Incident.End == nil && start.Before(from) {
			from = start
		}
	}
	if earliest := newest.Add(-limit); from.Before(earliest) {
		from = earliest
	}
	// It moves in steps: what begins as before can be gone on with.
	return from.Truncate(lead).UnixNano()
}
