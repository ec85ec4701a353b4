//go:build !windows

package store

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// hold takes the data folder for this process, until the file that it gives is
// closed or the process ends. The error is errInUse where another has it.
func hold(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("data folder %q can't be opened: %w", dir, cause(err))
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	switch {
	case errors.Is(err, unix.EWOULDBLOCK):
		return nil, errors.Join(errInUse, f.Close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("data folder %q can't be locked: %w", dir, err), f.Close())
	}
	return f, nil
}
