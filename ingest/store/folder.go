package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// formatVersion is the version of everything below the data folder.
const formatVersion = 1

// The names in a data folder. A new formatFile is written under formatDraft
// first, so that it is never seen half written.
const (
	formatFile  = "FORMAT"
	formatDraft = "FORMAT.new"
	metaDir     = "meta"
)

const formatPrefix = "headwater store format "

// claim makes sure that dir is a folder of ours that can be written to, and
// creates it where it is missing.
func claim(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("data folder %q can't be created: %w", dir, cause(err))
	}
	text, err := os.ReadFile(filepath.Join(dir, formatFile))
	switch {
	case err == nil:
		if err := checkFormat(dir, string(text)); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("data folder %q can't be read: %w", dir, cause(err))
	default:
		if err := checkEmpty(dir); err != nil {
			return err
		}
	}
	draft := filepath.Join(dir, formatDraft)
	err = os.WriteFile(draft, []byte(formatPrefix+strconv.Itoa(formatVersion)+"\n"), 0o600)
	if err == nil {
		err = os.Rename(draft, filepath.Join(dir, formatFile))
	}
	if err != nil {
		return fmt.Errorf("data folder %q can't be written to: %w", dir, cause(err))
	}
	return nil
}

// release lets a folder go that was held.
func release(held *os.File) error {
	if held == nil {
		return nil
	}
	return held.Close()
}

func checkFormat(dir, text string) error {
	number, ok := strings.CutPrefix(strings.TrimSpace(text), formatPrefix)
	version, err := strconv.Atoi(number)
	if !ok || err != nil {
		return fmt.Errorf("data folder %q: its file %s is not Headwater's", dir, formatFile)
	}
	if version != formatVersion {
		return fmt.Errorf("data folder %q has store format %d and this Headwater knows only format %d: use another folder", dir, version, formatVersion)
	}
	return nil
}

// checkEmpty refuses a folder that holds something which is not ours. A fresh
// file system has a lost+found.
func checkEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("data folder %q can't be read: %w", dir, cause(err))
	}
	foreign := slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		return e.Name() != formatDraft && e.Name() != "lost+found"
	})
	if foreign {
		return fmt.Errorf("data folder %q is not empty and holds no Headwater data: use another folder", dir)
	}
	return nil
}

// cause strips the path from a file error: the folder has been named already.
func cause(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	var linkErr *os.LinkError
	if errors.As(err, &linkErr) {
		return linkErr.Err
	}
	return err
}
