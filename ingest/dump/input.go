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
	Size  int64 // bytes, as it is; 0 where that is not known
	Open  func() (io.ReadCloser, error)
}

// Paths makes inputs of what a user named: files, patterns such as *.json that
// no shell has spelled out, folders (their regular files that are not hidden, by
// name, without folders below), and "-" for stdin. The error names the path that
// can't be read.
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
		named, err := matches(arg)
		if err != nil {
			return nil, err
		}
		for _, path := range named {
			found, err := at(path)
			if err != nil {
				return nil, err
			}
			inputs = append(inputs, found...)
		}
	}
	return inputs, nil
}

// matches is the path itself, or the files that fit it where there is no such
// file and it is a pattern.
func matches(path string) ([]string, error) {
	if _, err := os.Stat(path); err == nil || !strings.ContainsAny(path, "*?[") {
		return []string{path}, nil
	}
	found, err := filepath.Glob(path)
	if err == nil && len(found) == 0 {
		err = errors.New("no file fits")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return found, nil
}

// at is the file at the path, or the files of the folder there.
func at(path string) ([]Input, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return filesIn(path)
	}
	return []Input{file(path, false, info.Size())}, nil
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
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		inputs = append(inputs, file(path, true, info.Size()))
	}
	if len(inputs) == 0 {
		return nil, fmt.Errorf("folder %s holds no files", folder)
	}
	return inputs, nil
}

func file(path string, found bool, size int64) Input {
	return Input{
		Name:  path,
		Found: found,
		Size:  size,
		Open:  func() (io.ReadCloser, error) { return os.Open(path) },
	}
}
