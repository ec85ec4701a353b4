package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"headwater/analysis"
)

// interval is a stretch of time as a flag gives it: FROM/TO, where TO may be
// empty. Each is a time of RFC 3339, or Unix seconds or nanoseconds.
type interval struct{ analysis.Interval }

// UnmarshalText implements encoding.TextUnmarshaler.
func (i *interval) UnmarshalText(text []byte) (err error) {
	from, to, ok := strings.Cut(string(text), "/")
	if !ok {
		return fmt.Errorf("%q is not FROM/TO", text)
	}
	if i.Start, err = parseTime(from); err != nil {
		return err
	}
	if to == "" {
		return nil
	}
	if i.End, err = parseTime(to); err != nil {
		return err
	}
	if !i.Start.Before(i.End) {
		return errors.New("FROM is not before TO")
	}
	return nil
}

// holds reports whether a time, in Unix nanoseconds, lies in the interval.
func (i interval) holds(at int64) bool {
	return at >= i.Start.UnixNano() && (i.End.IsZero() || at < i.End.UnixNano())
}

// moment is a time as a flag gives it.
type moment struct{ time.Time }

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *moment) UnmarshalText(text []byte) (err error) {
	m.Time, err = parseTime(string(text))
	return err
}

func parseTime(s string) (time.Time, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return time.Time{}, fmt.Errorf("%q is no time of RFC 3339, such as 2026-03-02T14:02:10Z, and no Unix time", s)
		}
		return t.UTC(), nil
	}
	// Seconds reach these numbers in some thousand years, nanoseconds passed
	// them in 1970.
	const mostSeconds, leastNanoseconds = 1e11, 1e15
	switch {
	case n < 0 || mostSeconds <= n && n < leastNanoseconds:
		return time.Time{}, fmt.Errorf("%q is a Unix time neither in seconds nor in nanoseconds", s)
	case n < mostSeconds:
		return time.Unix(n, 0).UTC(), nil
	}
	return time.Unix(0, n).UTC(), nil
}
