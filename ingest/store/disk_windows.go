package store

import win "golang.org/x/sys/windows"

// freeBytes is the disk space that is left to this user in the folder.
func freeBytes(dir string) (uint64, error) {
	path, err := win.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var free uint64
	err = win.GetDiskFreeSpaceEx(path, &free, nil, nil)
	return free, err
}
