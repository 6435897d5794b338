package report

import (
	"errors"
	"time"
)

// Class tells code what to do about an error. It is one of a closed set, so
// that class-to-settle and class-to-page can be tables.
type Class string

// The classes.
const (
	Transient Class = "transient" // try again after a back-off
	Throttled Class = "throttled" // try again, not before RetryAfter
	Permanent Class = "permanent" // trying again changes nothing
	Poison    Class = "poison"    // the input itself cannot be handled: park it
	Unknown   Class = "unknown"   // the effect may or may not have happened
	Lying     Class = "lying"     // the other side broke the contract: believe nothing of it
)

// Error has three readers: code reads Class and Code, the person concerned
// reads Sentence, the log reads Cause.
type Error struct {
	Class      Class
	Code       string        // stable, kebab-case
	Sentence   string        // plain English for the person concerned; translated by Code where shown
	RetryAfter time.Duration // only for Throttled; 0: the caller's own back-off
	Cause      error
}

// Error is the log's view: code and cause.
func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Code
	}
	return e.Code + ": " + e.Cause.Error()
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Cause }

// ClassOf finds the class of err. An error nobody classified is Transient:
// trying again later is the mistake that costs least.
func ClassOf(err error) Class {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return Transient
}

// CodeOf finds the stable code of err, or "internal".
func CodeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return "internal"
}
