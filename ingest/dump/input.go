package dump

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Input is one stream to read.
type Input struct {
	Name string // how errors and Stats name it
	// Found is true for a file that was found in a folder and not named by the
	// user: it is passed over where it holds no spans.
	Found bool
	Open  func() (io.ReadCloser, error)
}

// Paths makes inputs of what a user named: files, folders (their regular files
// that are not hidden, by name, without folders below), and "-" for stdin. The
// error names the path that can't be read.
func Paths(args []string, stdin io.Reader) ([]Input, error) {
	var inputs []Input
	stdinTaken := false
	for _, arg := range args {
		if arg == "-" {
			if stdinTaken {
				return nil, errors.New(`"-" is named twice, but standard input can be read only once`)
			}
			stdinTaken = true
			inputs = append(inputs, Input{
				Name: "standard input",
				Open: func() (io.ReadCloser, error) { return io.NopCloser(stdin), nil },
			})
			continue
		}
		info, err := os.Stat(arg)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			inputs = append(inputs, file(arg, false))
			continue
		}
		found, err := filesIn(arg)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, found...)
	}
	return inputs, nil
}

func filesIn(folder string) ([]Input, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var inputs []Input
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		// Stat follows links, which entry does not.
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			continue
		}
		inputs = append(inputs, file(path, true))
	}
	if len(inputs) == 0 {
		return nil, fmt.Errorf("folder %s holds no files", folder)
	}
	return inputs, nil
}

func file(path string, found bool) Input {
	return Input{
		Name:  path,
		Found: found,
		Open:  func() (io.ReadCloser, error) { return os.Open(path) },
	}
}
