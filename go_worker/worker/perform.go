package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// performer runs handlers and gives their results.
type performer struct {
	name    string // of the worker
	reg     *Registry
	held    *held
	flusher *flusher
	metrics *metrics
	log     *slog.Logger
	limit   int // bytes of a result
	tracer  tracer
}

// start performs deliveries, each in a goroutine of its own, and gives back those for which there is no slot.
func (p *performer) start(deliveries []frq.Delivery) (unfit []frq.Lease) {
	for _, delivery := range deliveries {
		p.held.loseID(delivery.ID)
		a := newAttempt(delivery)
		if !p.held.take(a) {
			unfit = append(unfit, delivery.Lease)
			continue
		}
		go p.perform(a)
	}
	return unfit
}

// ending is how an attempt ended.
type ending struct {
	status frq.Status
	answer frq.Answer
	bury   string
	log    string // the last entry in the log
}

func failed(status frq.Status, why frq.Failure) ending {
	return ending{status: status, answer: frq.Answer{Error: &why}}
}

func (p *performer) perform(a *attempt) {
	defer a.end()
	body, call, refused := p.prepare(a)
	if refused != nil {
		p.settle(a, *refused)
		p.held.giveBack()
		return
	}
	p.run(a, call, body)
}

// prepare finds what is to be called, and with what, or why it is not to be.
func (p *performer) prepare(a *attempt) (frq.Body, bound, *ending) {
	if a.Verdict != nil {
		end := failed(a.Verdict.Status, a.Verdict.Failure)
		end.bury = a.Verdict.Bury
		return frq.Body{}, nil, &end
	}
	handler, ok := p.reg.handlers[a.Task.Handler]
	if !ok {
		return frq.Body{}, nil, reject(frq.CodeNoHandler, fmt.Sprintf(
			"no handler is named %q; this worker has: %s", a.Task.Handler, strings.Join(p.reg.Names(), ", ")))
	}
	body, err := frq.ParseBody(a.Task.ContentType, a.Task.Body)
	if err != nil {
		end := reject(frq.CodeUnreadable, err.Error())
		end.bury = frq.CodeUnreadable
		return body, nil, end
	}
	call, err := handler.bind(body.Params)
	if err != nil {
		return body, nil, reject(frq.CodeBadParams, err.Error())
	}
	return body, call, nil
}

func reject(code, message string) *ending {
	end := failed(frq.Rejected, frq.Failure{Code: code, Message: message})
	return &end
}

// returned is what came out of a handler.
type returned struct {
	value any
	err   error
}

// run calls the handler and waits for it, or leaves it behind. The slot is free when the handler has returned.
func (p *performer) run(a *attempt, call bound, body frq.Body) {
	said := newSaid(a.Origin(), func(message frq.Message, noted func(frq.Written)) {
		p.flusher.say(letter{write: frq.Write{Client: a.Task.Client, Message: message}, noted: noted})
	})
	task := newTask(a.Delivery, body, said)
	defer p.tellStarted(a).Stop()
	ctx, span := p.tracer.begin(a.ctx, a, task)
	began := time.Now()
	if a.Task.Timeout > 0 {
		timer := time.AfterFunc(a.Task.Timeout, func() { a.interrupt(ErrTimeout, frq.DefaultGrace) })
		defer timer.Stop()
	}
	done := make(chan returned, 1)
	go func() {
		value, err := guard(func() (any, error) { return call(ctx, task) })
		done <- returned{value, err}
	}()
	select {
	case found := <-done:
		p.conclude(a, task, span, began, found)
		p.held.giveBack()
	case <-a.hard:
		go func() {
			<-done
			p.held.giveBack()
		}()
		p.conclude(a, task, span, began, returned{err: context.Cause(a.ctx)})
	}
}

// untold is how long an attempt runs before it is told that it has begun. Of what ends sooner the result says so.
const untold = 20 * time.Millisecond

func (p *performer) tellStarted(a *attempt) *time.Timer {
	started := frq.Started{Origin: a.Origin(), Worker: p.name, TimeMS: time.Now().UnixMilli()}
	return time.AfterFunc(untold, func() {
		p.flusher.send(letter{write: frq.Write{Client: a.Task.Client, Message: started}})
	})
}

// conclude gives the result, unless another worker gives it.
func (p *performer) conclude(a *attempt, task *Task, span span, began time.Time, found returned) {
	took := time.Since(began)
	isReleased := found.err != nil && errors.Is(context.Cause(a.ctx), ErrDraining)
	if isReleased || !p.held.holds(a) {
		task.said.silence()
		span.drop()
		if !isReleased {
			p.metrics.fenced.Inc()
		}
		return
	}
	p.metrics.seconds.WithLabelValues(a.Task.Handler).Observe(took.Seconds())
	end := judge(a.ctx, found, p.limit)
	end.answer.Shared = task.shared.changes()
	end.answer.Metrics.WallMS = float64(took.Microseconds()) / 1000
	end.log = task.said.close()
	span.end(end)
	p.settle(a, end)
}

// judge says how an attempt ended whose handler returned, or was left behind.
func judge(ctx context.Context, found returned, limit int) ending {
	if found.err != nil && ctx.Err() != nil {
		return failed(interrupted(ctx))
	}
	if found.err != nil {
		return failed(frq.Failed, told(found.err))
	}
	value, err := guard(func() (any, error) { return frq.EncodeValue(found.value) })
	if err != nil {
		return failed(frq.Failed, frq.Failure{Code: frq.CodeNotSerialisable, Message: err.Error()})
	}
	text := value.(json.RawMessage)
	if len(text) > limit {
		return failed(frq.Failed, frq.Failure{Code: frq.CodeResultTooLarge, Message: fmt.Sprintf(
			"the result has %d bytes; %d are allowed: write it to a file or a bucket and return where it is", len(text), limit)})
	}
	return ending{status: frq.OK, answer: frq.Answer{Value: text}}
}

// settle writes the result under the lease, and lets the lease go.
func (p *performer) settle(a *attempt, end ending) {
	write := frq.Write{Client: a.Task.Client, Lease: &a.Lease, Bury: end.bury}
	if end.status != "" {
		write.Message = frq.Result{
			Origin: a.Origin(), Worker: p.name, TimeMS: time.Now().UnixMilli(),
			Status: end.status, LastLog: end.log, Body: end.answer.Encode(),
		}
	}
	settled := make(chan frq.Written, 1)
	p.flusher.send(letter{
		write:    write,
		noted:    func(written frq.Written) { settled <- written },
		isWanted: func() bool { return p.held.holds(a) },
	})
	written := <-settled
	p.held.drop(a)
	switch {
	case written.Err != nil:
		p.log.Error("a result is lost; the attempt will be delivered again", "id", a.ID, "error", written.Err)
	case written.Fenced:
		p.metrics.fenced.Inc()
	default:
		p.metrics.tasks.WithLabelValues(p.handlerLabel(a), statusLabel(end.status)).Inc()
		p.report(a, end)
	}
}

// handlerLabel is one of few: what stands in messages may be anything, and no text at all.
func (p *performer) handlerLabel(a *attempt) string {
	if _, ok := p.reg.handlers[a.Task.Handler]; ok {
		return a.Task.Handler
	}
	return "unknown"
}

func statusLabel(status frq.Status) string {
	if status == "" {
		return "unreadable"
	}
	return string(status)
}

func (p *performer) report(a *attempt, end ending) {
	level, attrs := slog.LevelDebug, []any{"id", a.ID, "handler", a.Task.Handler, "status", statusLabel(end.status)}
	if end.answer.Error != nil {
		level = slog.LevelWarn
		attrs = append(attrs, "code", end.answer.Error.Code, "error", end.answer.Error.Message)
	}
	p.log.Log(context.Background(), level, "attempt ended", attrs...)
}
