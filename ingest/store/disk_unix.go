//go:build !windows

package store

import "golang.org/x/sys/unix"

// freeBytes is the disk space that is left to this user in the folder.
func freeBytes(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}
