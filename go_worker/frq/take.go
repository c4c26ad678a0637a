package frq

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Claim takes new attempts.
func (r *Redis) Claim(ctx context.Context, count int) ([]Delivery, error) {
	if !r.hasGroup {
		if err := r.createGroup(ctx); err != nil {
			return nil, err
		}
		r.hasGroup = true
	}
	returned := make(chan struct{})
	defer close(returned)
	stop := context.AfterFunc(ctx, func() { r.callBack(returned) })
	defer stop()
	// Its own context: what Redis has handed out must be read, although the worker wants to end.
	streams, err := r.claims.XReadGroup(context.WithoutCancel(ctx), &redis.XReadGroupArgs{
		Group: Group, Consumer: r.Worker, Streams: []string{r.Keys.Tasks(), ">"}, Count: int64(count), Block: block,
	}).Result()
	if isQueueGone(err) {
		r.hasGroup = false // the next claim makes it again
		return nil, nil
	}
	if errors.Is(err, redis.Nil) || err != nil && ctx.Err() != nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	deliveries := make([]Delivery, 0, len(streams[0].Messages))
	for _, message := range streams[0].Messages {
		deliveries = append(deliveries, r.receive(message.ID, 1, texts(message.Values)))
	}
	return r.complete(context.WithoutCancel(ctx), deliveries)
}

// isQueueGone is true after FLUSHALL, or a restart without persistence; UNBLOCKED is what a claim that waits hears.
func isQueueGone(err error) bool {
	return err != nil && (strings.HasPrefix(err.Error(), "NOGROUP") || strings.HasPrefix(err.Error(), "UNBLOCKED"))
}

// mostScans bounds one Reclaim; the next one goes on where it stopped.
const mostScans = 200

// Reclaim takes over attempts whose worker is silent.
func (r *Redis) Reclaim(ctx context.Context, count int) ([]Delivery, error) {
	var deliveries []Delivery
	for range mostScans {
		taken, err := r.scan(ctx, count-len(deliveries))
		deliveries = append(deliveries, taken...)
		if err != nil && len(deliveries) == 0 {
			return nil, err
		}
		if err != nil || len(deliveries) >= count || r.cursor == "0-0" {
			break
		}
	}
	return r.complete(ctx, deliveries)
}

func (r *Redis) scan(ctx context.Context, count int) ([]Delivery, error) {
	args := []any{Group, r.Worker, r.Lease.Milliseconds(), count, r.cursor}
	reply, err := r.run(ctx, &reclaim, []string{r.Keys.Tasks(), r.Keys.Cancelled()}, args)
	if err != nil {
		return nil, err
	}
	parts, ok := reply.([]any)
	if !ok || len(parts) != 2 {
		return nil, fmt.Errorf("reclaim gave %v", reply)
	}
	r.cursor, _ = parts[0].(string)
	rows, _ := parts[1].([]any)
	deliveries := make([]Delivery, 0, len(rows))
	for _, row := range rows {
		deliveries = append(deliveries, r.recover(row.([]any)))
	}
	return deliveries, nil
}

// recover reads a row of the script: entry, fields, delivery, whether it is cancelled.
func (r *Redis) recover(row []any) Delivery {
	entry, _ := row[0].(string)
	delivery, _ := row[2].(int64)
	pairs := list(row[1])
	fields := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		fields[pairs[i]] = pairs[i+1]
	}
	found := r.receive(entry, int(delivery), fields)
	if found.Verdict == nil && row[3] == "1" {
		found.Verdict = &Verdict{Status: Cancelled, Failure: Failure{
			Code: CodeCancelled, Message: "cancelled while its worker was lost", Retryable: true,
		}}
	}
	return found
}

// receive reads an entry and finds what speaks against running it.
func (r *Redis) receive(entry string, delivery int, fields map[string]string) Delivery {
	task, err := ParseTask(fields)
	found := Delivery{Lease: Lease{Entry: entry, Delivery: delivery, ID: task.ID}, Task: task}
	switch {
	case err != nil:
		found.Verdict = unreadable(task, err)
	case task.Version != Major:
		found.Verdict = reject(CodeUnsupportedVersion, fmt.Sprintf("version %.20q of the protocol is not spoken here, only %q", task.Version, Major))
	case len(r.SigningKeys) > 0 && !r.SigningKeys.Accept(fields):
		found.Verdict = reject(CodeBadSignature, "the signature is missing or does not fit")
	case delivery > task.MaxDeliveries:
		found.Verdict = &Verdict{Status: Lost, Bury: CodeMaxDeliveries, Failure: Failure{
			Code: CodeMaxDeliveries, Message: fmt.Sprintf("delivered %d times, and every worker was lost", delivery-1), Retryable: true,
		}}
	case task.DeadlineMS > 0 && time.Now().UnixMilli() > task.DeadlineMS:
		found.Verdict = expire(CodeDeadline, "the deadline passed before it was begun")
	}
	return found
}

// unreadable answers who can be answered; everything else is only put aside.
func unreadable(task Task, err error) *Verdict {
	if task.ID == "" || task.Client == "" {
		return &Verdict{Bury: CodeUnreadable, Failure: Failure{Code: CodeUnreadable, Message: err.Error()}}
	}
	verdict := reject(CodeUnreadable, err.Error())
	verdict.Bury = CodeUnreadable
	return verdict
}

func reject(code, message string) *Verdict {
	return &Verdict{Status: Rejected, Failure: Failure{Code: code, Message: message}}
}

func expire(code, message string) *Verdict {
	return &Verdict{Status: Expired, Failure: Failure{Code: code, Message: message}}
}

// complete asks Redis what the entries themselves do not tell: whether the client of an old one is still there, and
// the bodies that stand elsewhere.
func (r *Redis) complete(ctx context.Context, deliveries []Delivery) ([]Delivery, error) {
	var calls []call
	var settle []func(answer)
	for i := range deliveries {
		delivery := &deliveries[i]
		if delivery.Verdict != nil {
			continue
		}
		if r.isOld(delivery.Entry) {
			calls = append(calls, call{args: []any{"EXISTS", r.Keys.Client(delivery.Task.Client)}})
			settle = append(settle, delivery.settleClient)
		}
		if delivery.Task.BodyRef != "" {
			digest, _ := strings.CutPrefix(delivery.Task.BodyRef, blobScheme)
			calls = append(calls, call{args: []any{"GET", r.Keys.Blob(digest)}})
			settle = append(settle, delivery.settleBody)
		}
	}
	if len(calls) == 0 {
		return deliveries, nil
	}
	for i, found := range send(ctx, r.client, calls) {
		if found.err != nil && !errors.Is(found.err, redis.Nil) {
			return nil, found.err // their leases run out, and they are delivered again
		}
		settle[i](found)
	}
	return deliveries, nil
}

// isOld compares with this machine's clock: where it is wrong, a question is asked too much or too late, and no more.
func (r *Redis) isOld(entry string) bool {
	text, _, _ := strings.Cut(entry, "-")
	ms, err := strconv.ParseInt(text, 10, 64)
	return err == nil && time.Since(time.UnixMilli(ms)) > r.Lease
}

func (d *Delivery) settleClient(found answer) {
	if found.value == int64(0) {
		d.Verdict = expire(CodeClientGone, "nobody waits for it any more")
	}
}

func (d *Delivery) settleBody(found answer) {
	if d.Verdict != nil {
		return
	}
	body, _ := found.value.(string)
	if err := checkBlob(d.Task.BodyRef, body, found.err == nil); err != nil {
		d.Verdict = reject(CodeUnreadable, err.Error())
		return
	}
	d.Task.Body = []byte(body)
}
