package worker

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// heartbeater renews the leases and tells that the worker lives. It never runs code of a handler.
//
// A worker that cannot renew for a whole lease stops its attempts, before others take them.
type heartbeater struct {
	broker   frq.Broker
	held     *held
	link     *link
	metrics  *metrics
	log      *slog.Logger
	lease    time.Duration
	presence func() frq.Presence
	pulse    *pulse
	pause    pause
}

func newHeartbeater(w *Worker) *heartbeater {
	return &heartbeater{
		broker: w.broker, held: w.held, link: w.link, metrics: w.metrics, log: w.log,
		lease: w.options.Lease, presence: w.presence, pulse: w.pulse,
	}
}

func (h *heartbeater) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	back := h.link.returned()
	for {
		planned := h.next()
		armed := time.Now()
		timer.Reset(planned)
		asksFirst := false
		select {
		case <-ctx.Done():
			return
		case <-back: // attempts are taken again: they must be renewed
			asksFirst = true
		case <-timer.C:
			asksFirst = time.Since(armed) > planned+h.lease/3 // the process was stopped: they may still be its own
		}
		if !asksFirst {
			h.stopIfLate()
		}
		back = h.link.returned() // now: it may return while this beat fails
		if err := h.beat(ctx); err != nil && ctx.Err() == nil {
			h.link.fails("heartbeat", err)
			h.stopIfLate()
		}
	}
}

// next is a third of the lease, as long as there is one to save.
func (h *heartbeater) next() time.Duration {
	if left := h.lease - h.pulse.age(); left > 0 {
		return min(h.lease/3, left)
	}
	return h.pause.take()
}

// beat renews once, and does what it hears: it forgets what belongs to others, and interrupts what is cancelled.
func (h *heartbeater) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, h.patience())
	defer cancel()
	sent := time.Now()
	attempts := h.held.all()
	heard, err := h.broker.Beat(ctx, leases(attempts), h.presence())
	if err != nil {
		return err
	}
	h.pulse.felt(sent)
	h.pause.reset()
	h.link.works()
	for _, a := range attempts {
		if slices.Contains(heard.Lost, a.Entry) {
			h.held.lose(a)
		}
	}
	for _, id := range heard.Cancelled {
		cancelAttempts(h.held, id, frq.DefaultGrace)
	}
	return nil
}

// patience is how long an answer is waited for. While there is a lease to save, one that comes after it is of no use.
func (h *heartbeater) patience() time.Duration {
	if left := h.lease - h.pulse.age(); left > 0 {
		return min(h.lease/2, left)
	}
	return h.lease / 2
}

// stopIfLate interrupts everything when the leases have run out.
func (h *heartbeater) stopIfLate() {
	attempts := h.held.all()
	if h.pulse.age() < h.lease || len(attempts) == 0 {
		return
	}
	h.log.Error("the leases could not be renewed; their attempts are stopped", "attempts", len(attempts))
	for _, a := range attempts {
		h.held.lose(a)
	}
}

// cancelAttempts interrupts the attempts of an id.
func cancelAttempts(held *held, id string, grace time.Duration) {
	for _, a := range held.of(id) {
		a.interrupt(ErrCancelled, grace)
	}
}
