package worker

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// Pauses before Redis is tried again.
const (
	firstPause   = time.Second
	longestPause = time.Minute
)

// link knows whether Redis is there. Everybody who talks to it tells how it went, and waits here after a failure.
type link struct {
	log     *slog.Logger
	metrics *metrics

	denied chan error // the first time that Redis says that this worker may not do something

	mu     sync.Mutex
	isAway bool
	back   chan struct{} // closed when Redis answers again
}

func newLink(log *slog.Logger, metrics *metrics) *link {
	return &link{log: log, metrics: metrics, back: make(chan struct{}), denied: make(chan error, 1)}
}

// works notes that Redis answered, and wakes who waits.
func (l *link) works() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isAway {
		l.isAway = false
		close(l.back)
		l.back = make(chan struct{})
		l.log.Info("Redis is back")
	}
}

// fails notes an error. Only the first of a row is said.
func (l *link) fails(doing string, err error) {
	l.metrics.redisErrors.Inc()
	if frq.IsDenied(err) {
		select {
		case l.denied <- err:
		default:
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if frq.IsRefused(err) {
		l.log.Error("Redis refuses", "doing", doing, "error", err)
	} else if !l.isAway {
		l.isAway = true
		l.log.Warn("Redis is away, waiting", "doing", doing, "error", err)
	}
}

// returned is closed when Redis answers again after it was away.
func (l *link) returned() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.back
}

// isUp is false while Redis is away.
func (l *link) isUp() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.isAway
}

// pause grows from failure to failure: 1 s, 2 s, up to a minute.
type pause struct{ next time.Duration }

// reset is for success.
func (p *pause) reset() { p.next = 0 }

func (p *pause) take() time.Duration {
	now := max(p.next, firstPause)
	p.next = min(2*now, longestPause)
	return now*9/10 + rand.N(now/5) // not all workers at once
}

// wait ends after the pause, when Redis is back, or with the context.
func (l *link) wait(ctx context.Context, p *pause) {
	back := l.returned()
	timer := time.NewTimer(p.take())
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-back:
	case <-ctx.Done():
	}
}
