package main

import (
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
