package power

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// sector is what a disk writes whole or not at all.
const sector = 512

// Cut takes the power away, if it is not off already, and gives the disk as it
// is found when it comes back: all of it durable, with nothing ignored and no
// cut to come.
func (d *Disk) Cut(rng *rand.Rand) *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.off = true
	bytes := make(map[*node][]byte, len(d.dirty))
	for _, n := range d.dirty {
		bytes[n] = n.remains(rng)
	}
	return d.image(d.survivors(rng), func(n *node) []byte {
		if b, ok := bytes[n]; ok {
			return b
		}
		return n.kept
	})
}

// Copy gives a disk with the same files, all durable, as after an orderly
// shutdown of the whole machine.
func (d *Disk) Copy() *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.image(
		func(n *node) map[string]*node { return n.names },
		func(n *node) []byte { return n.data },
	)
}

// image makes a disk of what names and bytes give for each node.
func (d *Disk) image(names func(*node) map[string]*node, bytes func(*node) []byte) *Disk {
	out := New(d.now)
	made := make(map[*node]*node)
	var of func(n *node) *node
	of = func(n *node) *node {
		if c := made[n]; c != nil {
			return c // a file with two names
		}
		c := &node{dir: n.dir, mod: n.mod}
		made[n] = c
		if n.dir {
			c.names = make(map[string]*node)
			for name, to := range names(n) {
				c.names[name] = of(to)
			}
			c.keptNames = maps.Clone(c.names)
			return c
		}
		c.data, c.kept = slices.Clone(bytes(n)), slices.Clone(bytes(n))
		return c
	}
	out.root = of(d.root)
	return out
}

// odds are the chances of one cut, or of one file within it. Now and then all
// survives, now and then nothing: what the system wrote back by itself goes in
// bursts.
func odds(rng *rand.Rand) float64 {
	return []float64{0, 0, 0.1, 0.5, 0.9, 1, 1, 1}[rng.IntN(8)]
}

// survivors decides which unsynced names are kept. Half of the disks keep a
// journal: what is newer than the first change that was lost is lost as well.
func (d *Disk) survivors(rng *rand.Rand) func(*node) map[string]*node {
	chance, journal, whole := odds(rng), rng.IntN(2) == 0, len(d.changes)
	if journal {
		whole = rng.IntN(whole + 1)
	}
	kept := make(map[*node]map[string]*node)
	survived := make(map[*change]bool)
	for i, c := range d.changes {
		lost := journal && i >= whole || !journal && rng.Float64() >= chance
		if lost || c.after != nil && !c.after.kept && !survived[c.after] {
			continue
		}
		survived[c] = true
		if kept[c.dir] == nil {
			kept[c.dir] = maps.Clone(c.dir.keptNames)
		}
		c.on(kept[c.dir])
	}
	return func(n *node) map[string]*node {
		if names, ok := kept[n]; ok {
			return names
		}
		return n.keptNames
	}
}

// remains is what is found of a file with unsynced writes.
func (n *node) remains(rng *rand.Rand) []byte {
	b := slices.Clone(n.kept)
	chance, tearing := odds(rng), odds(rng)*float64(rng.IntN(2))
	for _, w := range n.unsynced {
		switch {
		case rng.Float64() >= chance:
			b = w.lost(b, rng)
		case w.data != nil && rng.Float64() < tearing:
			b = w.torn(b, rng)
		default:
			b = w.on(b)
		}
	}
	return b
}

// lost leaves at most the new length, with anything at all in it.
func (w write) lost(b []byte, rng *rand.Rand) []byte {
	had, end := len(b), w.off+int64(len(w.data))
	if w.data == nil || end <= int64(had) || rng.IntN(4) > 0 {
		return b
	}
	b = resize(b, end)
	if rng.IntN(2) == 0 {
		for i := had; i < len(b); i++ {
			b[i] = byte(rng.Uint32())
		}
	}
	return b
}

// torn applies the write to some of the sectors it lies on.
func (w write) torn(b []byte, rng *rand.Rand) []byte {
	for at, end := w.off, w.off+int64(len(w.data)); at < end; {
		next := min(end, (at/sector+1)*sector)
		if rng.IntN(2) == 0 {
			b = write{at, w.data[at-w.off : next-w.off]}.on(b)
		}
		at = next
	}
	return b
}
