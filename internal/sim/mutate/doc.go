// Command mutate measures which small mistakes in the code the tests notice.
//
// It changes every comparison, condition and returned error of some packages,
// one at a time, and runs the tests that reach the change. All changes of a
// package are compiled into one test binary (go test -overlay) and one of them
// is switched on by the environment variable PEYK_MUTANT, so the source in the
// repository is never edited and no mutant needs a build of its own.
//
//	go run ./internal/sim/mutate                       # all packages, about as long as docs/TESTING.md says
//	go run ./internal/sim/mutate -only 'gateway/track' # the mutants whose name matches
//
// A mutant is caught if a test fails, or does not end in time. The first stage
// runs the tests of the mutant's own package that reach it, the second those of
// the simulation that do, in a fixed short form. Random tests run with the seed given by -seed, so that a second
// run gives the same score.
//
// Promise: the score is caught / all mutants that were run. A survivor counts as
// not caught, whether or not survivors.txt gives a reason for it.
//
// Limits: no conditions with constant value, cases of a switch with a tag, and
// assignments; -v lists what was left out.
//
// Failure: the command fails if the score is below -least, if a survivor is not
// listed in survivors.txt, or if a line there names no survivor.
package main
