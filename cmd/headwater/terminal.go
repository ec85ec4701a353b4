package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"
)

// terminal is where a command reads and writes. Reports go to out; what
// happens on the way goes to log, which writes to err.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	log      *slog.Logger
	quiet    bool
}

// exitError ends the process with a status of its own: the command has said what
// there is to say.
type exitError int

func (c exitError) Error() string { return fmt.Sprintf("exit status %d", int(c)) }

// screen reports whether the output goes to a person's screen.
func screen(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// colored reports whether the output goes to a person's screen who has not
// asked for plain text (https://no-color.org).
func colored(w io.Writer) bool { return screen(w) && os.Getenv("NO_COLOR") == "" }

// widest is the width beyond which a text is no easier to read.
const widest = 140

// width is how wide the output is, in columns; 0 where that is not known.
func width(w io.Writer) int {
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns > 0 {
		return columns
	}
	if f, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			return min(columns, widest)
		}
	}
	return 0
}

// interruptible reads from r until ctx ends, even while r has nothing to give:
// standard input may be a terminal or a pipe that stays silent.
func interruptible(ctx context.Context, r io.Reader) io.Reader {
	out, in := io.Pipe()
	context.AfterFunc(ctx, func() { in.CloseWithError(ctx.Err()) })
	go func() {
		_, err := io.Copy(in, r)
		in.CloseWithError(err)
	}()
	return out
}

// note tells the user something that is no result.
func (t *terminal) note(format string, args ...any) {
	if !t.quiet {
		fmt.Fprintf(t.err, format+"\n", args...)
	}
}

func spansText(n int64) string {
	if n == 1 {
		return "1 span"
	}
	return fmt.Sprintf("%d spans", n)
}
