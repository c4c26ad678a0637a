package frq

import (
	"context"
	"errors"
)

// longestLog is the length of a client's log stream.
const longestLog = 100_000

// Write sends messages and results in one pipeline.
func (r *Redis) Write(ctx context.Context, writes []Write) []Written {
	written := make([]Written, len(writes))
	var calls []call
	var of []int // the write that a call belongs to; its last call has its answer
	for i, write := range writes {
		needed, err := r.calls(ctx, write)
		if err != nil {
			written[i].Err = err
			continue
		}
		for range needed {
			of = append(of, i)
		}
		calls = append(calls, needed...)
	}
	for i, found := range send(ctx, r.client, calls) {
		written[of[i]].note(found)
	}
	return written
}

// note keeps the first error of several calls; an entry is text, the answer of a fence a number.
func (w *Written) note(found answer) {
	w.Err = errors.Join(w.Err, found.err)
	switch value := found.value.(type) {
	case string:
		w.Entry = value
	case int64:
		w.Fenced = value == 0
	}
}

func (r *Redis) calls(ctx context.Context, write Write) ([]call, error) {
	if write.Lease != nil {
		return r.finish(ctx, write)
	}
	key := write.Message.key(r.Keys, write.Client)
	add := []any{"XADD", key}
	if _, isEvent := write.Message.(Started); !isEvent {
		add = append(add, "MAXLEN", "~", longestLog)
	}
	return []call{
		{args: append(append(add, "*"), write.Message.Fields()...)},
		{args: []any{"PEXPIRE", key, ttl.Milliseconds()}},
	}, nil
}

func (r *Redis) finish(ctx context.Context, write Write) ([]call, error) {
	lease := write.Lease
	args := []any{Group, r.Worker, lease.Entry, lease.Delivery, ttl.Milliseconds()}
	if write.Message == nil {
		keys := []string{r.Keys.Tasks(), r.Keys.Dead()}
		return []call{{script: &bury, keys: keys, args: append(args, write.Bury, "")}}, nil
	}
	result, err := r.shrink(ctx, write.Message.(Result))
	if err != nil {
		return nil, err
	}
	events, submitted, cancelled := r.Keys.Events(write.Client), r.Keys.Submitted(lease.ID), r.Keys.Cancelled()
	if write.Bury != "" {
		keys := []string{r.Keys.Tasks(), r.Keys.Dead(), events, submitted, cancelled}
		return []call{{script: &bury, keys: keys, args: append(append(args, write.Bury, lease.ID), result.Fields()...)}}, nil
	}
	keys := []string{r.Keys.Tasks(), events, submitted, cancelled}
	return []call{{script: &finish, keys: keys, args: append(append(args, lease.ID), result.Fields()...)}}, nil
}

// shrink keeps a large body apart before the result that names it.
func (r *Redis) shrink(ctx context.Context, result Result) (Result, error) {
	if len(result.Body) <= r.InlineLimit {
		return result, nil
	}
	digest := blobDigest(result.Body)
	if err := r.client.Set(ctx, r.Keys.Blob(digest), result.Body, ttl).Err(); err != nil {
		return result, err
	}
	result.BodyRef = blobScheme + digest
	return result, nil
}
