package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
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
	// Settled lists the starts of the settled windows that start in [from, to), in
	// Unix nanoseconds, in order. It is cheap.
	Settled(from, to int64) []int64
	// Windows gives these windows, and those of before that are kept by the
	// minute, in order of time.
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

// interval is how often windows are settled.
const interval = time.Second

// rest is how many times as long as an analysis took nothing is analysed after
// it: where it takes long, reports come less often, and spans come in meanwhile.
const rest = 4

// Config is what a Watcher needs. All fields but Left are required.
type Config struct {
	Windows Windows
	Journal Journal
	// Analyze says what windows mean. It is given none at first. A window that did
	// not change since the last time is the same pointer.
	Analyze func(analysis.Input) *analysis.Report
	// Left says what an incident of the report that is over left half done. It may take
	// long: Run asks beside its other work, one at a time, a minute after the incident's
	// end and once more after ten. nil: that is not told.
	Left func(context.Context, *analysis.Incident, *analysis.Report) (*analysis.Left, error)
	Log  *slog.Logger
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
	newest  int64                   // end of the newest window, Unix nanoseconds
	dirty   bool                    // windows came that no published report covers
	held    map[int64]*graph.Window // what was analysed last, by start
	earlier earlier
	trouble string
	next    time.Time // not before then is anything analysed
	// not before then is looked for what incidents left behind
	nextLook time.Time

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
	w := &Watcher{cfg: cfg, known: known, held: map[int64]*graph.Window{}, readers: map[chan struct{}]struct{}{}}
	stored := cfg.Windows.Settled(time.Now().Add(-limit).UnixNano(), math.MaxInt64)
	if n := len(stored); n > 0 {
		last, err := w.get(ctx, stored[n-1:])
		if err != nil {
			return nil, fmt.Errorf("read the newest window: %w", err)
		}
		w.notice(last)
	}
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
	looks, looking := make(chan look), false
	defer func() {
		if looking {
			<-looks
		}
	}()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case l := <-looks:
			looking = false
			err = w.looked(ctx, l, time.Now())
		case now := <-tick.C:
			err = w.step(ctx, now)
			if l, due := w.due(now); due && !looking && err == nil {
				looking = true
				report := w.report
				go func() { looks <- w.take(ctx, l, report) }()
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		w.complain(ctx, err)
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
	if err := w.settle(ctx, now); err != nil {
		return err
	}
	if !w.dirty || time.Now().Before(w.next) {
		return nil
	}
	began := time.Now()
	err := w.fold(ctx)
	ended := time.Now()
	w.next = ended.Add(rest * ended.Sub(began))
	return err
}

// Step is a turn of Run at the given time, which takes no rest: for those who have
// their own clock. It must not run beside Run.
func (w *Watcher) Step(ctx context.Context, now time.Time) error {
	if err := w.settle(ctx, now); err != nil {
		return err
	}
	if w.dirty {
		if err := w.fold(ctx); err != nil {
			return err
		}
	}
	if l, due := w.due(now); due {
		return w.looked(ctx, w.take(ctx, l, w.report), now)
	}
	return nil
}

func (w *Watcher) settle(ctx context.Context, now time.Time) error {
	changed, err := w.cfg.Windows.Settle(ctx, now)
	w.notice(changed)
	if err != nil {
		return fmt.Errorf("settle windows: %w", err)
	}
	return nil
}

func (w *Watcher) notice(changed []*graph.Window) {
	for _, win := range changed {
		w.newest = max(w.newest, win.Start+win.Length)
		w.dirty = true
		w.held[win.Start] = win // those that are not looked at go again
	}
}

// fold makes a report of the windows up to the newest, saves what is new about
// incidents, and publishes it.
func (w *Watcher) fold(ctx context.Context) error {
	in, err := w.read(ctx)
	if err != nil {
		return fmt.Errorf("read windows: %w", err)
	}
	report, known := w.known.fold(w.cfg.Analyze(in))
	if err := save(ctx, w.cfg.Journal, w.known, known); err != nil {
		return err
	}
	w.dirty = false
	w.publish(report, known)
	return nil
}
