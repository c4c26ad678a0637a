package worker

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// Worker serves the handlers of a registry on one queue.
type Worker struct {
	// Name is new for each worker: host, process and something random.
	Name string

	options     Options
	reg         *Registry
	broker      frq.Broker
	log         *slog.Logger
	held        *held
	pulse       *pulse
	gate        *gate
	metrics     *metrics
	link        *link
	flusher     *flusher
	performer   *performer
	started     time.Time
	told        chan time.Duration // to drain, with the grace
	isConnected atomic.Bool
	isDraining  atomic.Bool
}

// New makes a worker over Redis. It does not wait for Redis to be there.
func New(reg *Registry, options Options, log *slog.Logger) (*Worker, error) {
	options, err := options.complete()
	if err != nil {
		return nil, err
	}
	traces, err := newTracer(options.Queue)
	if err != nil {
		return nil, err
	}
	name := newName()
	settings, err := options.settings(name)
	if err != nil {
		return nil, err
	}
	broker, err := frq.Open(options.address(), settings)
	if err != nil {
		return nil, err
	}
	w := newWorker(name, reg, options, broker, log)
	w.performer.tracer = traces
	return w, nil
}

func newWorker(name string, reg *Registry, options Options, broker frq.Broker, log *slog.Logger) *Worker {
	w := &Worker{
		Name: name, options: options, reg: reg, broker: broker, log: log,
		held: newHeld(options.Slots), pulse: &pulse{}, gate: newGate(),
		started: time.Now(), told: make(chan time.Duration, 1),
	}
	w.metrics = newMetrics(w.held, w.pulse)
	w.link = newLink(log, w.metrics)
	w.flusher = newFlusher(broker, w.link, w.metrics)
	w.performer = &performer{
		name: name, reg: reg, held: w.held, flusher: w.flusher, metrics: w.metrics, log: log, limit: frq.BlobLimit,
	}
	return w
}

var foreign = regexp.MustCompile(`[^A-Za-z0-9._-]`)

func newName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "host"
	}
	random := make([]byte, 4)
	_, _ = rand.Read(random) // never fails
	return fmt.Sprintf("%s-%d-%s", foreign.ReplaceAllString(host, "_"), os.Getpid(), hex.EncodeToString(random))
}

// Run serves until the context ends or the worker is told to drain; then it lets its attempts end, for the grace, and
// gives back the rest. An error means that Redis does not let the worker in or do its work, or that the address to
// listen on is taken.
func (w *Worker) Run(ctx context.Context) error {
	defer func() { _ = w.broker.Close() }()
	defer w.performer.tracer.close()
	stopWatch, err := w.listen()
	if err != nil {
		return err
	}
	defer stopWatch()
	heart := newHeartbeater(w)
	if err := w.connect(ctx, heart); err != nil || ctx.Err() != nil {
		return err
	}
	w.log.Info("the worker serves", "worker", w.Name, "queue", w.options.Queue, "slots", w.options.Slots,
		"redis", w.options.address().String(), "handlers", w.reg.Names())

	stopFlusher := launch(w.flusher.run)
	stopHeart := launch(heart.run)
	stopListener := launch((&listener{
		broker: w.broker, name: w.Name, held: w.held, link: w.link, gate: w.gate, log: w.log, drain: w.tell,
	}).run)
	stopReclaimer := launch(newReclaimer(w).run)
	stopClaimer := launch((&claimer{
		broker: w.broker, held: w.held, performer: w.performer, link: w.link, gate: w.gate,
	}).run)

	grace, err := w.waitForEnd(ctx)
	w.isDraining.Store(true)
	w.log.Info("the worker drains", "running", w.held.running(), "grace", grace)
	stopClaimer()
	stopReclaimer()
	w.drain(grace)
	stopListener()
	stopFlusher()
	stopHeart()
	w.leave()
	return err
}

// connect waits until Redis has answered the first heartbeat. Only a refusal ends it.
func (w *Worker) connect(ctx context.Context, heart *heartbeater) error {
	var pause pause
	for ctx.Err() == nil {
		w.pulse.felt(time.Now()) // whoever starts is not ill
		err := heart.beat(ctx)
		if err == nil {
			w.isConnected.Store(true)
			return nil
		}
		if frq.IsDenied(err) {
			return w.denied(err)
		}
		if ctx.Err() == nil {
			w.link.fails("connect", w.options.address().Explain(err))
			w.link.wait(ctx, &pause)
		}
	}
	return nil
}

// tell asks the worker to drain, once.
func (w *Worker) tell(grace time.Duration) {
	select {
	case w.told <- grace:
	default:
	}
}

// waitForEnd gives the grace, and an error if it is Redis that wants the end.
func (w *Worker) waitForEnd(ctx context.Context) (time.Duration, error) {
	select {
	case <-ctx.Done():
	case reason := <-w.link.denied:
		return w.options.Grace, w.denied(reason)
	case grace := <-w.told:
		if grace >= 0 {
			return grace, nil
		}
	}
	return w.options.Grace, nil
}

func (w *Worker) denied(reason error) error {
	return &DeniedError{Address: w.options.address().String(), Reason: reason}
}

func (w *Worker) presence() frq.Presence {
	host, _ := os.Hostname()
	return frq.Presence{
		Release: Release(), Host: host, PID: os.Getpid(), Slots: w.options.Slots, Running: w.held.running(),
		Handlers: w.reg.Schemas(), StartedMS: w.started.UnixMilli(), Labels: w.options.Labels,
	}
}

// launch runs something until it is stopped.
func launch(run func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// DeniedError says that Redis is there but does not let the worker in.
type DeniedError struct {
	Address string
	Reason  error
}

func (e *DeniedError) Error() string {
	return fmt.Sprintf("%s does not let this worker in: %v", e.Address, e.Reason)
}

func (e *DeniedError) Unwrap() error { return e.Reason }

// Release is the version of the program that runs.
func Release() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
