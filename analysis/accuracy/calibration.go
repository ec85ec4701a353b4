package accuracy

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// Calibration compares how sure the analysis was with how often it was right.
type Calibration struct {
	n, right [10]int
	sure     [10]float64
}

// Add counts one answer.
func (c *Calibration) Add(confidence float64, right bool) {
	k := min(9, max(0, int(confidence*10)))
	c.n[k]++
	c.sure[k] += confidence
	if right {
		c.right[k]++
	}
}

func (c *Calibration) merge(o *Calibration) {
	for k := range c.n {
		c.n[k] += o.n[k]
		c.right[k] += o.right[k]
		c.sure[k] += o.sure[k]
	}
}

// Error is the expected calibration error (Naeini, Cooper and Hauskrecht,
// Obtaining Well Calibrated Probabilities Using Bayesian Binning, AAAI 2015): by
// how much confidence and the share of right answers differ, in ten bins of
// equal width, weighted by their answers. 0 of nothing.
func (c *Calibration) Error() float64 {
	off, n := 0.0, 0
	for k := range c.n {
		off += math.Abs(c.sure[k] - float64(c.right[k]))
		n += c.n[k]
	}
	if n == 0 {
		return 0
	}
	return off / float64(n)
}

// barLength is how many characters stand for all.
const barLength = 40

// Write draws the calibration: for each bin the mean confidence as a mark on the
// bar of right answers.
func (c *Calibration) Write(w io.Writer) error {
	total := 0
	for k := range c.n {
		total += c.n[k]
	}
	if _, err := fmt.Fprintf(w, "Confidence of %d answers against how often they were right; expected calibration error %.3f:\n\n", total, c.Error()); err != nil {
		return err
	}
	for k := range c.n {
		if c.n[k] == 0 {
			continue
		}
		n := float64(c.n[k])
		right, sure := float64(c.right[k])/n, c.sure[k]/n
		bar := []byte(strings.Repeat("=", int(math.Round(right*barLength))) + strings.Repeat(" ", barLength-int(math.Round(right*barLength))))
		bar[min(barLength-1, int(sure*barLength))] = '|'
		if _, err := fmt.Fprintf(w, "    said %.2f  right %.2f  [%s] %d\n", sure, right, bar, c.n[k]); err != nil {
			return err
		}
	}
	return nil
}
