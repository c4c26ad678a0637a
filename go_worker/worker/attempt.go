package worker

import (
	"context"
	"sync"
	"time"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// attempt is one delivery that is under way here.
type attempt struct {
	frq.Delivery
	ctx    context.Context
	cancel context.CancelCauseFunc
	hard   chan struct{} // closed when a handler that does not end is left behind

	mu    sync.Mutex
	timer *time.Timer
}

func newAttempt(delivery frq.Delivery) *attempt {
	ctx, cancel := context.WithCancelCause(context.Background())
	return &attempt{Delivery: delivery, ctx: ctx, cancel: cancel, hard: make(chan struct{})}
}

// interrupt asks the handler to end. If it has not after the grace, it is left behind.
// Of several causes the first one counts; only an end without grace comes sooner than the first one said.
func (a *attempt) interrupt(cause error, grace time.Duration) {
	a.cancel(cause)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.timer != nil && (grace > 0 || !a.timer.Stop()) {
		return
	}
	a.timer = time.AfterFunc(grace, func() { close(a.hard) })
}

// end lets go of what interrupt has set up.
func (a *attempt) end() {
	a.cancel(nil)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.timer != nil {
		a.timer.Stop()
	}
}
