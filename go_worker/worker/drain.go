package worker

import (
	"context"
	"time"

	"github.com/flowrun/flowrun/go_worker/frq"
)

const (
	lastWords  = time.Second     // for handlers to end when their context does
	farewell   = 5 * time.Second // for Redis to hear that a worker leaves
	slackWords = lastWords / 5   // a handler that is left behind at the last moment
)

// drain lets attempts end. Those that do not are given back: another worker may begin them at once, and the delivery
// does not count.
func (w *Worker) drain(grace time.Duration) {
	if w.waitIdle(grace) {
		return
	}
	for _, a := range w.held.all() {
		a.interrupt(ErrDraining, lastWords)
	}
	w.waitIdle(lastWords + slackWords)
	var rest []frq.Lease
	for _, a := range w.held.all() {
		if w.held.drop(a) {
			rest = append(rest, a.Lease)
		}
	}
	if len(rest) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	if err := w.broker.Release(ctx, rest); err != nil {
		w.log.Error("attempts could not be given back; others take them when the leases run out", "error", err)
		return
	}
	w.metrics.released.Add(float64(len(rest)))
	w.log.Warn("attempts were given back", "attempts", len(rest))
}

func (w *Worker) waitIdle(patience time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return w.held.waitIdle(ctx)
}

// leave is the last thing that Redis hears.
func (w *Worker) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	if err := w.broker.Leave(ctx); err != nil {
		w.log.Warn("Redis did not hear that the worker leaves", "error", err)
	}
}
