package worker

import (
	"context"
	"time"

	"github.com/flowrun/flowrun/go_worker/frq"
)

const (
	mostWaiting   = 1024    // writes in the queue of the flusher
	mostTogether  = 256     // writes in one pipeline
	mostBytes     = 1 << 20 // about so many: Redis must find time for heartbeats in between
	longestStall  = time.Second
	mostRefusals  = 5
	lastFlushTime = 5 * time.Second
)

// flusher sends every small write. What is said while one pipeline is under way leaves together in the next one.
type flusher struct {
	broker  frq.Broker
	link    *link
	metrics *metrics
	queue   chan letter
	pause   pause
}

// letter is a write that waits to be sent.
type letter struct {
	write    frq.Write
	noted    func(frq.Written) // called once; nil if nobody wants to know
	isWanted func() bool       // nil: until it is sent
	refusals int
}

// size is that of what can be large.
func (l letter) size() int {
	switch message := l.write.Message.(type) {
	case frq.Result:
		return len(message.Body)
	case frq.Lines:
		size := 0
		for _, line := range message.Lines {
			size += len(line.Text)
		}
		return size
	}
	return 0
}

func newFlusher(broker frq.Broker, link *link, metrics *metrics) *flusher {
	return &flusher{broker: broker, link: link, metrics: metrics, queue: make(chan letter, mostWaiting)}
}

// send queues what must arrive.
func (f *flusher) send(one letter) { f.queue <- one }

// say queues a message of an attempt. It waits a moment where there is too much of it; while Redis is away, it is lost.
func (f *flusher) say(one letter) {
	select {
	case f.queue <- one:
		return
	default:
	}
	if f.link.isUp() {
		timer := time.NewTimer(longestStall)
		defer timer.Stop()
		select {
		case f.queue <- one:
			return
		case <-timer.C:
		}
	}
	f.drop(one, errTooMuch)
}

func (f *flusher) drop(one letter, err error) {
	if one.write.Lease == nil {
		f.metrics.logDropped.Inc()
	}
	if one.noted != nil {
		one.noted(frq.Written{Err: err})
	}
}

// run sends until the context ends; then what is left gets a last chance.
func (f *flusher) run(ctx context.Context) {
	var waiting []letter
	for ctx.Err() == nil {
		if len(waiting) == 0 {
			select {
			case <-ctx.Done():
				continue
			case one := <-f.queue:
				waiting = append(waiting, one)
			}
		}
		waiting = f.flush(ctx, f.collect(waiting))
	}
	f.finish(ctx, waiting)
}

func (f *flusher) finish(ended context.Context, waiting []letter) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ended), lastFlushTime)
	defer cancel()
	for ctx.Err() == nil {
		if waiting = f.collect(waiting); len(waiting) == 0 {
			return
		}
		waiting = f.flush(ctx, waiting)
	}
	for waiting = f.collect(waiting); len(waiting) > 0; waiting = f.collect(nil) {
		for _, one := range waiting {
			f.drop(one, ctx.Err())
		}
	}
}

// collect adds what is in the queue, without waiting.
func (f *flusher) collect(waiting []letter) []letter {
	size := 0
	for _, one := range waiting {
		size += one.size()
	}
	for len(waiting) < mostTogether && size < mostBytes {
		select {
		case one := <-f.queue:
			waiting = append(waiting, one)
			size += one.size()
		default:
			return waiting
		}
	}
	return waiting
}

// flush sends the letters and gives back those that are to be sent again.
func (f *flusher) flush(ctx context.Context, letters []letter) []letter {
	writes := make([]frq.Write, len(letters))
	for i, one := range letters {
		writes[i] = one.write
	}
	var again []letter
	var failed error
	// Its own context: a pipeline that is cut off leaves unsaid what was done.
	for i, written := range f.broker.Write(context.WithoutCancel(ctx), writes) {
		if written.Err == nil {
			if letters[i].noted != nil {
				letters[i].noted(written)
			}
			continue
		}
		failed = written.Err
		if f.mayRepeat(&letters[i], written.Err) {
			again = append(again, letters[i])
		}
	}
	if failed == nil {
		f.pause.reset()
		f.link.works()
		return nil
	}
	f.link.fails("write", failed)
	f.link.wait(ctx, &f.pause)
	return again
}

// mayRepeat drops what nobody wants any more, and what Redis refuses.
func (f *flusher) mayRepeat(one *letter, err error) bool {
	if frq.IsRefused(err) {
		one.refusals++
	}
	isWanted := one.isWanted == nil || one.isWanted()
	if isWanted && one.refusals < mostRefusals && (one.refusals == 0 || one.write.Lease != nil) {
		return true
	}
	f.drop(*one, err)
	return false
}
