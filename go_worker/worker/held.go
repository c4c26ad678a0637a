package worker

import (
	"context"
	"sync"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// held is what this worker has: so many slots, and the attempts whose leases it renews.
//
// A slot is taken until the handler has returned, also if its attempt was given up before.
type held struct {
	slots int

	mu      sync.Mutex
	busy    int
	byEntry map[string]*attempt
	changed chan struct{} // closed when a slot becomes free
}

func newHeld(slots int) *held {
	return &held{slots: slots, byEntry: map[string]*attempt{}, changed: make(chan struct{})}
}

// take gives an attempt a slot, if there is one.
func (h *held) take(a *attempt) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.busy >= h.slots {
		return false
	}
	h.busy++
	h.byEntry[a.Entry] = a
	return true
}

// giveBack frees a slot.
func (h *held) giveBack() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy--
	close(h.changed)
	h.changed = make(chan struct{})
}

// drop forgets an attempt: its lease is not renewed any more. It reports whether it was held.
func (h *held) drop(a *attempt) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byEntry[a.Entry] != a {
		return false
	}
	delete(h.byEntry, a.Entry)
	return true
}

// lose interrupts an attempt that belongs to others.
func (h *held) lose(a *attempt) {
	if h.drop(a) {
		a.interrupt(ErrLeaseLost, 0)
	}
}

// loseID interrupts earlier deliveries of an attempt: there could be no new one if their leases held.
func (h *held) loseID(id string) {
	for _, a := range h.of(id) {
		h.lose(a)
	}
}

// of are the attempts of an id whose leases are renewed.
func (h *held) of(id string) (found []*attempt) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.byEntry {
		if a.ID == id && id != "" {
			found = append(found, a)
		}
	}
	return found
}

// holds reports whether the lease of an attempt is renewed.
func (h *held) holds(a *attempt) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.byEntry[a.Entry] == a
}

// all are the attempts whose leases are renewed.
func (h *held) all() []*attempt {
	h.mu.Lock()
	defer h.mu.Unlock()
	found := make([]*attempt, 0, len(h.byEntry))
	for _, a := range h.byEntry {
		found = append(found, a)
	}
	return found
}

// running is the number of slots that are taken.
func (h *held) running() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.busy
}

// waitFree waits for a free slot and gives their number; 0 if the context ended.
func (h *held) waitFree(ctx context.Context) int {
	return h.wait(ctx, func() int { return h.slots - h.busy })
}

// waitIdle waits until no slot is taken. It reports whether that is so.
func (h *held) waitIdle(ctx context.Context) bool {
	return h.wait(ctx, func() int {
		if h.busy == 0 {
			return 1
		}
		return 0
	}) == 1
}

func (h *held) wait(ctx context.Context, found func() int) int {
	for {
		h.mu.Lock()
		number, changed := found(), h.changed
		h.mu.Unlock()
		if number > 0 {
			return number
		}
		select {
		case <-ctx.Done():
			return 0
		case <-changed:
		}
	}
}

func leases(attempts []*attempt) []frq.Lease {
	found := make([]frq.Lease, len(attempts))
	for i, a := range attempts {
		found[i] = a.Lease
	}
	return found
}
