package dump

import (
	"cmp"
	"slices"
)

// Stats is the account of what was read.
type Stats struct {
	Files     int   // inputs that held requests
	Lines     int64 // of those inputs
	Bytes     int64 // of those inputs, after decompression
	Spans     int64 // written to the sink
	Malformed []Malformed
	// Mended counts what was wrong in spans and could be put right.
	Mended []Malformed
	// Skipped names the files of folders that hold no spans, with the reason, and
	// files that are empty.
	Skipped []string
}

// Malformed is one kind of trouble in the input. Stats list them by What.
type Malformed struct {
	What   string
	Count  int64
	First  string // where it was seen first: name:line (byte)
	Detail string // what was wrong there; may be empty
}

// notes is the trouble with one input, in the order of first appearance.
type notes []Malformed

func (n *notes) add(count int64, what, where, detail string) {
	for i := range *n {
		if (*n)[i].What == what {
			(*n)[i].Count += count
			return
		}
	}
	*n = append(*n, Malformed{What: what, Count: count, First: where, Detail: detail})
}

func (n notes) merge(into *[]Malformed) {
	all := notes(*into)
	for _, m := range n {
		all.add(m.Count, m.What, m.First, m.Detail)
	}
	slices.SortFunc(all, func(a, b Malformed) int { return cmp.Compare(a.What, b.What) })
	*into = all
}

// first says what was wrong at first, for an input that holds no request.
func (n notes) first() string {
	switch {
	case len(n) == 0:
		return "empty"
	case n[0].Detail == "":
		return n[0].What
	}
	return n[0].What + ": " + n[0].Detail
}
