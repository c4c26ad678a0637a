package worker

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/flowrun/flowrun/go_worker/frq"
)

const longestReclaim = 2 * time.Second

// reclaimer takes over the attempts whose worker stopped renewing its lease.
//
// After a moment in which the whole machine stood still, the worker renews its own before it looks at those of others:
// else it would take them from itself, and stop them.
type reclaimer struct {
	broker    frq.Broker
	held      *held
	performer *performer
	link      *link
	gate      *gate
	metrics   *metrics
	pulse     *pulse
	lease     time.Duration
	interval  time.Duration
}

func newReclaimer(w *Worker) *reclaimer {
	return &reclaimer{
		broker: w.broker, held: w.held, performer: w.performer, link: w.link, gate: w.gate, metrics: w.metrics,
		pulse: w.pulse, lease: w.options.Lease, interval: min(w.options.Lease/3, longestReclaim),
	}
}

func (r *reclaimer) run(ctx context.Context) {
	isMore := true // of workers that ended before this one began
	for ctx.Err() == nil {
		if !isMore {
			r.rest(ctx)
		}
		isMore = r.gate.wait(ctx) && r.link.isUp() && r.take(ctx)
	}
}

// rest waits for the interval, a fifth more or less: workers that started together must not look together.
func (r *reclaimer) rest(ctx context.Context) {
	timer := time.NewTimer(r.interval*4/5 + rand.N(r.interval*2/5))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// take reports whether there may be more.
func (r *reclaimer) take(ctx context.Context) bool {
	free := r.held.waitFree(ctx)
	if free == 0 || r.pulse.isLate(r.lease) {
		return false
	}
	deliveries, err := r.broker.Reclaim(ctx, free)
	if err != nil {
		if ctx.Err() == nil {
			r.link.fails("reclaim", err)
		}
		return false
	}
	r.metrics.reclaimed.Add(float64(len(deliveries)))
	if unfit := r.performer.start(deliveries); len(unfit) > 0 {
		if err := r.broker.Release(ctx, unfit); err != nil {
			r.link.fails("release", err)
		}
	}
	return len(deliveries) == free
}
