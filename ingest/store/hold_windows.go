package store

import "os"

// hold does nothing: here nobody can delete a file that another process has open,
// and Badger says when its databases are in use.
func hold(string) (*os.File, error) { return nil, nil }
