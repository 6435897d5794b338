//go:build race

package gate

// The race detector's own memory is far over any limit of a child's.
const raceDetector = true
