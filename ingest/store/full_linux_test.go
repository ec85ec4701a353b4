package store

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"headwater/graph/trace"
)

// tinyDisk gives a folder on a file system of its own; not so for who may not
// mount.
func tinyDisk(t *testing.T) (dir string, small bool) {
	t.Helper()
	dir = t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64m"); err != nil {
		return dir, false
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir, true
}

// TestAnotherProcessTakesTheDisk has another process take all room of a small
// disk while spans come in. With a reserve senders are told to wait; with next to
// none the system ends the process in the middle of a write. A restart finds what
// was acknowledged either way when there is room again, and takes more.
func TestAnotherProcessTakesTheDisk(t *testing.T) {
	for name, reserve := range map[string]int{"with a reserve": 24 << 20, "with next to none": 1} {
		t.Run(name, func(t *testing.T) {
			disk, small := tinyDisk(t)
			dir := filepath.Join(disk, "data")
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), loadDir+"="+dir, loadRound+"=0", loadReserve+"="+strconv.Itoa(reserve))
			out, err := child.StdoutPipe()
			if err == nil {
				err = child.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			other := filepath.Join(disk, "other")
			last, waits := map[int]int{}, 0
			lines := bufio.NewScanner(out)
			for seen := 0; lines.Scan(); seen++ {
				var writer, n int
				switch _, err := fmt.Sscan(lines.Text(), &writer, &n); {
				case lines.Text() == toldToWait:
					if waits++; waits == loadWriters {
						_ = child.Process.Kill()
					}
				case err == nil:
					last[writer] = n
				default: // an error, or what the runtime says as it ends
				}
				if seen != 60 {
					continue
				}
				if !small { // nothing can be filled: an end is an end
					_ = child.Process.Kill()
					continue
				}
				fill := exec.Command(os.Args[0])
				fill.Env = append(os.Environ(), fillFile+"="+other)
				if said, err := fill.CombinedOutput(); err != nil {
					t.Errorf("%v: %s", err, said)
				}
			}
			err = child.Wait() // it was killed, or ended by the system
			t.Logf("the child ended with %v, %d writers were told to wait", err, waits)
			if err := os.Remove(other); small && err != nil {
				t.Fatal(err)
			}
			acknowledged := map[trace.TraceID]int{}
			addAcknowledged(acknowledged, 0, last)
			opt, _, _ := testOptions(t)
			s := open(t, dir, opt)
			requireOnce(t, s, acknowledged)
			more := loadBatch(1, 0, 0)
			write(t, s, more...)
			for _, sp := range more {
				acknowledged[sp.TraceID]++
			}
			requireOnce(t, s, acknowledged)
		})
	}
}
