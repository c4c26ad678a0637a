package worker

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// fakeBroker is a queue in memory that may be away. It is for what a worker decides by itself.
type fakeBroker struct {
	mu       sync.Mutex
	err      error
	beats    []frq.Beat
	writes   []frq.Write
	calls    int
	reclaims int
	written  chan frq.Write
}

func newFakeBroker() *fakeBroker { return &fakeBroker{written: make(chan frq.Write, 10_000)} }

var errAway = errors.New("nobody listens")

func (f *fakeBroker) setAway(isAway bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = nil
	if isAway {
		f.err = errAway
	}
}

func (f *fakeBroker) Claim(ctx context.Context, _ int) ([]frq.Delivery, error) {
	<-ctx.Done()
	return nil, nil
}

func (f *fakeBroker) Reclaim(context.Context, int) ([]frq.Delivery, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reclaims++
	return nil, nil
}

func (f *fakeBroker) Control(ctx context.Context) ([]frq.Control, error) {
	<-ctx.Done()
	return nil, nil
}

func (f *fakeBroker) Beat(context.Context, []frq.Lease, frq.Presence) (frq.Beat, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	if f.err != nil || len(f.beats) == 0 {
		return frq.Beat{}, f.err
	}
	next := f.beats[0]
	f.beats = f.beats[1:]
	return next, nil
}

func (f *fakeBroker) Write(_ context.Context, writes []frq.Write) []frq.Written {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	written := make([]frq.Written, len(writes))
	for i, write := range writes {
		if written[i].Err = f.err; f.err == nil {
			written[i].Entry = "1-1"
			f.writes = append(f.writes, write)
			f.written <- write
		}
	}
	return written
}

func (f *fakeBroker) Release(context.Context, []frq.Lease) error { return nil }
func (f *fakeBroker) Leave(context.Context) error                { return nil }
func (f *fakeBroker) Close() error                               { return nil }

// fakeWorker is a worker with a queue in memory.
func fakeWorker(t *testing.T, options Options) (*Worker, *fakeBroker) {
	t.Helper()
	options, err := options.complete()
	if err != nil {
		t.Fatal(err)
	}
	broker := newFakeBroker()
	return newWorker("w", NewRegistry(), options, broker, silent), broker
}

func deliveryOf(id string) frq.Delivery {
	return frq.Delivery{Lease: frq.Lease{Entry: id + "-0", Delivery: 1, ID: id}, Task: frq.Task{Client: "c", Handler: "h"}}
}
