package app

import (
	"testing"
)

// BenchmarkJourney measures from POST to the receipt of the webhook, with an
// engine that needs no time: what the protocol and the store cost.
func BenchmarkJourney(b *testing.B) {
	p := start(b, &fakeEngine{})
	for b.Loop() {
		if _, err := p.Submit(b.Context(), request(1)); err != nil {
			b.Fatal(err)
		}
		p.told(b)
	}
}
