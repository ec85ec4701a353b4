package main

import (
	"context"
	"io"
	"os"

	"github.com/mattn/go-isatty"
)

// colored reports whether the output goes to a person's screen who has not
// asked for plain text (https://no-color.org).
func colored(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd()) && os.Getenv("NO_COLOR") == ""
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
