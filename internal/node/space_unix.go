//go:build linux || darwin

package node

import "golang.org/x/sys/unix"

// usedShare is how full the disk under dir is for us, 0 to 1; 0: not known.
func usedShare(dir string) float64 {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil || s.Blocks == 0 {
		return 0
	}
	used := s.Blocks - s.Bfree
	return float64(used) / float64(used+s.Bavail) // what only root may use counts for nobody
}
