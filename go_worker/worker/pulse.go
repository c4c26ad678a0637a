package worker

import (
	"sync"
	"time"
)

// pulse is the time of the last heartbeat that Redis has answered.
type pulse struct {
	mu   sync.Mutex
	last time.Time
}

// felt notes a heartbeat by the time at which it was sent: the lease counts from then at the earliest.
func (p *pulse) felt(sent time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = sent
}

// isLate reports whether a heartbeat is overdue: what nobody seems to have renewed may be this worker's own.
func (p *pulse) isLate(lease time.Duration) bool { return p.age() > lease/2 }

// age is the time since the last one.
func (p *pulse) age() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Since(p.last)
}
