package graph

import "math"

// sketchBin is a count of a Sketch by the index of its mapping; zero durations
// have an index of their own.
type sketchBin struct {
	index int64
	count uint64
}

// zeroBin stands for durations of zero; lastBin is beyond every duration.
const (
	zeroBin = -1 << 12
	lastBin = 1 << 12
)

// bins gives the counts, by index.
func (s *Sketch) bins() []sketchBin {
	if s.dd == nil {
		return nil
	}
	var out []sketchBin
	if n := s.dd.GetZeroCount(); n > 0 {
		out = append(out, sketchBin{zeroBin, uint64(n)})
	}
	s.dd.GetPositiveValueStore().ForEach(func(index int, count float64) bool {
		if count > 0 {
			out = append(out, sketchBin{int64(index), uint64(count)})
		}
		return false
	})
	return out
}

// setBins makes an empty sketch one with these counts. It reports whether a
// sketch of durations can have them.
func (s *Sketch) setBins(bins []sketchBin) bool {
	for _, b := range bins {
		s.init()
		switch {
		case b.count > math.MaxInt64:
			return false
		case b.index == zeroBin:
			if s.dd.AddWithCount(0, float64(b.count)) != nil {
				return false
			}
		case b.index < zeroBin || b.index > lastBin:
			return false
		default:
			s.dd.GetPositiveValueStore().AddWithCount(int(b.index), float64(b.count))
		}
	}
	return true
}
