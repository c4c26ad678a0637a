package worker

import (
	"context"
	"sync"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// claimer takes new attempts, as many as there are free slots.
//
// Slots are taken after the claim has returned: while it waits, the reclaimer may use them. What finds no slot then is
// given back.
type claimer struct {
	broker    frq.Broker
	held      *held
	performer *performer
	link      *link
	gate      *gate
}

func (c *claimer) run(ctx context.Context) {
	var pause pause
	for c.gate.wait(ctx) {
		free := c.held.waitFree(ctx)
		if ctx.Err() != nil {
			return
		}
		if !c.link.isUp() { // who cannot renew must not take more
			c.link.wait(ctx, &pause)
			continue
		}
		deliveries, err := c.broker.Claim(ctx, free)
		if err != nil {
			c.link.fails("claim", err)
			c.link.wait(ctx, &pause)
			continue
		}
		c.link.works()
		pause.reset()
		if unfit := c.performer.start(deliveries); len(unfit) > 0 {
			if err := c.broker.Release(ctx, unfit); err != nil {
				c.link.fails("release", err)
			}
		}
	}
}

// gate is closed while the worker is told to pause.
type gate struct {
	mu   sync.Mutex
	open chan struct{} // closed while the gate is open
}

func newGate() *gate {
	g := &gate{open: make(chan struct{})}
	close(g.open)
	return g
}

func (g *gate) isOpen() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.open:
		return true
	default:
		return false
	}
}

func (g *gate) set(open bool) {
	if open == g.isOpen() {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if open {
		close(g.open)
	} else {
		g.open = make(chan struct{})
	}
}

// wait waits until the gate is open. It is false if the context has ended.
func (g *gate) wait(ctx context.Context) bool {
	g.mu.Lock()
	open := g.open
	g.mu.Unlock()
	select {
	case <-open:
	case <-ctx.Done():
	}
	return ctx.Err() == nil // select picks at random where both are so
}
