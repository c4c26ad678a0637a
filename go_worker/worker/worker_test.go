package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flowrun/flowrun/go_worker/frq"
	"github.com/flowrun/flowrun/go_worker/internal/testutil"
)

// stand is a scheduler, a queue and what happens in its handlers.
type stand struct {
	*testutil.Scheduler
	t      *testing.T
	server *testutil.Server
	reg    *Registry
	ended  chan error // why the context of a handler ended
	gate   chan struct{}
	calls  atomic.Int64
	most   atomic.Int64
	now    atomic.Int64
}

func newStand(t *testing.T) *stand {
	server := testutil.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	s := &stand{
		Scheduler: testutil.NewScheduler(t, server), t: t, server: server, reg: NewRegistry(),
		ended: make(chan error, 10), gate: make(chan struct{}),
	}
	Handle(s.reg, "echo", func(_ context.Context, _ *Task, in any) (any, error) { return in, nil })
	Handle(s.reg, "fail", func(_ context.Context, _ *Task, in struct {
		Permanent bool `json:",omitempty"`
	}) (any, error) {
		if in.Permanent {
			return nil, fmt.Errorf("row 7: %w", Permanent(io.ErrUnexpectedEOF))
		}
		return nil, io.ErrUnexpectedEOF
	})
	Handle(s.reg, "panic", func(context.Context, *Task, struct{}) (any, error) {
		var none []int
		return none[3], nil
	})
	Handle(s.reg, "wait", func(ctx context.Context, _ *Task, _ struct{}) (any, error) {
		<-ctx.Done()
		s.ended <- context.Cause(ctx)
		return nil, ctx.Err()
	})
	Handle(s.reg, "hang", func(ctx context.Context, _ *Task, _ struct{}) (string, error) {
		<-s.gate
		return "late", nil
	})
	Handle(s.reg, "count", s.count)
	return s
}

// count notes how many run at a time.
func (s *stand) count(context.Context, *Task, struct{}) (any, error) {
	s.calls.Add(1)
	now := s.now.Add(1)
	for most := s.most.Load(); now > most && !s.most.CompareAndSwap(most, now); most = s.most.Load() {
	}
	time.Sleep(2 * time.Millisecond)
	s.now.Add(-1)
	return nil, nil
}

// worker starts a worker, which ends with the test or by stop.
func (s *stand) worker(options Options) (*Worker, func() error) {
	s.t.Helper()
	options.RedisURL, options.Queue = s.server.URL(), s.Queue
	options.Lease = first(options.Lease, time.Second)
	options.Slots = first(options.Slots, 2)
	w, err := New(s.reg, options, silent)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	stop := sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	s.t.Cleanup(func() {
		if err := stop(); err != nil {
			s.t.Error(err)
		}
	})
	return w, stop
}

func (s *stand) failure(id string, status frq.Status) frq.Failure {
	s.t.Helper()
	found := s.Result(id)
	if found.Status != status || found.Answer.Error == nil {
		s.t.Fatalf("%s is %s: %+v", id, found.Status, found.Answer)
	}
	return *found.Answer.Error
}

// faults is an error that cannot be compared.
type faults []string

func (f faults) Error() string { return fmt.Sprintf("%d faults", len(f)) }

// fault is an error that cannot be told of where there is none.
type fault struct{ text string }

func (f *fault) Error() string { return f.text }

// TestResults: what a handler returns, and every way in which it can fail, arrive as the protocol says (CF-81).
func TestResults(t *testing.T) {
	s := newStand(t)
	Handle(s.reg, "task", func(_ context.Context, t *Task, _ struct{}) (any, error) {
		var day string
		found, err := t.Shared().Get("day", &day)
		err = errors.Join(err, t.Shared().Set("rows", int64(9007199254740993)))
		t.Shared().Delete("day")
		return []any{t.ID, t.Attempt, t.MaxAttempts, t.Delivery, t.Job, t.RunID, t.Name, found, day}, err
	})
	Handle(s.reg, "list", func(context.Context, *Task, struct{}) (any, error) { return nil, Permanent(faults{"a", "b"}) })
	Handle(s.reg, "nil", func(context.Context, *Task, struct{}) (any, error) { return nil, (*fault)(nil) })
	Handle(s.reg, "channel", func(context.Context, *Task, struct{}) (any, error) { return make(chan int), nil })
	s.worker(Options{})
	s.Submit("r/echo/1", "echo", map[string]any{"n": 1.5, "text": "<é>"})
	s.Submit("r/task/2", "task", struct{}{}, "a", "2")
	for _, name := range []string{"fail", "panic", "channel", "nobody", "list", "nil"} {
		s.Submit("r/"+name+"/1", name, struct{}{})
	}
	s.Submit("r/permanent/1", "fail", map[string]bool{"Permanent": true})
	s.Submit("r/params/1", "fail", map[string]int{"Permanent": 1})
	s.Submit("r/json/1", "fail", nil, "b", "{no json")

	if found := s.Result("r/echo/1"); found.Status != frq.OK || string(found.Answer.Value) != `{"n":1.5,"text":"<é>"}` || found.Started > 1 {
		t.Errorf("echo: %+v", found)
	}
	found := s.Result("r/task/2")
	if string(found.Answer.Value) != `["r/task/2",2,3,1,"nightly","run","load",true,"2026-01-01"]` {
		t.Errorf("task: %s", found.Answer.Value)
	}
	if string(found.Answer.Shared.Set["rows"]) != `"9007199254740993"` || fmt.Sprint(found.Answer.Shared.Deleted) != "[day]" {
		t.Errorf("shared: %+v", found.Answer.Shared)
	}
	for id, wanted := range map[string]struct {
		status    frq.Status
		code      string
		message   string
		retryable bool
	}{
		"r/fail/1":      {frq.Failed, frq.CodeException, "unexpected EOF", true},
		"r/permanent/1": {frq.Failed, frq.CodeException, "row 7: unexpected EOF", false},
		"r/list/1":      {frq.Failed, frq.CodeException, "2 faults", false},
		"r/nil/1":       {frq.Failed, frq.CodePanic, "nil pointer", true},
		"r/panic/1":     {frq.Failed, frq.CodePanic, "index out of range [3]", true},
		"r/channel/1":   {frq.Failed, frq.CodeNotSerialisable, "chan int", false},
		"r/nobody/1":    {frq.Rejected, frq.CodeNoHandler, `"nobody"; this worker has: channel, count`, false},
		"r/params/1":    {frq.Rejected, frq.CodeBadParams, "Permanent", false},
		"r/json/1":      {frq.Rejected, frq.CodeUnreadable, "body", false},
	} {
		found := s.failure(id, wanted.status)
		if found.Code != wanted.code || !strings.Contains(found.Message, wanted.message) || found.Retryable != wanted.retryable {
			t.Errorf("%s: %+v", id, found)
		}
	}
	if trace := s.failure("r/panic/1", frq.Failed).Trace; !strings.HasPrefix(trace, "panic(") || !strings.Contains(trace, "worker_test.go:") {
		t.Errorf("the trace is %s", trace)
	}
}

// TestStarts: that an attempt has begun is told once, while it goes on.
func TestStarts(t *testing.T) {
	s := newStand(t)
	s.worker(Options{})
	s.Submit("r/hang/1", "hang", struct{}{})
	s.Begun("r/hang/1")
	close(s.gate)
	if found := s.Result("r/hang/1"); found.Status != frq.OK || found.Started != 1 {
		t.Errorf("hang: %+v", found)
	}
}

// TestNonsense: messages with anything in them are answered or put aside, and the worker lives on.
func TestNonsense(t *testing.T) {
	s := newStand(t)
	w, _ := s.worker(Options{})
	s.Add("v", "1", "id", "\xff", "c", "\xff", "h", "\xff", "a", "\xff", "b", "\xff")
	s.Add("nonsense", "\xff")
	s.Submit("r/nonsense/1", "\xff", nil)
	s.Submit("r/deep/1", "echo", nil, "ct", "msgpack", "b", strings.Repeat("\x91", 1<<20))
	for _, id := range []string{"r/nonsense/1", "r/deep/1"} {
		if found := s.failure(id, frq.Rejected); found.Code != frq.CodeUnreadable {
			t.Errorf("%s: %+v", id, found)
		}
	}
	testutil.Eventually(t, "all are put aside", func() bool { return s.Redis.XLen(s.Context(), s.Keys.Dead()).Val() == 4 })
	s.Submit("r/echo/1", "echo", 1)
	s.Result("r/echo/1")
	testutil.Eventually(t, "they are counted", func() bool {
		text := s.get(w, "/metrics")
		return strings.Contains(text, `{handler="unknown",status="unreadable"} 2`) && strings.Contains(text, `{handler="unknown",status="rejected"} 1`)
	})
}

// TestLargeResults: a result over the limit fails the attempt and says what to do; one under it arrives.
func TestLargeResults(t *testing.T) {
	for size, wanted := range map[int]frq.Status{8: frq.OK, 9: frq.Failed} {
		end := judge(t.Context(), returned{value: strings.Repeat("x", size)}, 10)
		if end.status != wanted || wanted == frq.Failed && (end.answer.Error.Code != frq.CodeResultTooLarge ||
			!strings.Contains(end.answer.Error.Message, "11 bytes; 10 are allowed")) {
			t.Errorf("%d: %+v", size, end)
		}
	}
}

// TestNoMoreThanSlots: N attempts run, at most C at a time (CF-79), and each once.
func TestNoMoreThanSlots(t *testing.T) {
	s := newStand(t)
	const many = 300
	for i := range many {
		s.Submit(fmt.Sprintf("r/count/%d", i), "count", struct{}{})
	}
	s.worker(Options{Slots: 3})
	for i := range many {
		s.Result(fmt.Sprintf("r/count/%d", i))
	}
	if s.most.Load() > 3 || s.calls.Load() != many {
		t.Errorf("%d ran at a time, %d calls", s.most.Load(), s.calls.Load())
	}
}

// TestSpeech: lines and progress arrive before the result, which names the last of them.
func TestSpeech(t *testing.T) {
	s := newStand(t)
	Handle(s.reg, "speak", func(_ context.Context, t *Task, _ struct{}) (any, error) {
		for i := range 1000 {
			_, _ = fmt.Fprintln(t.Stdout(), i)
		}
		t.Progress(3, 10, "rows")
		t.Progress(4, 0, "rows")
		return nil, nil
	})
	s.worker(Options{})
	s.Submit("r/speak/1", "speak", struct{}{})
	found := s.Result("r/speak/1")
	lines := s.Lines()
	if len(lines) != 1001 || lines[0] != "stdout INFO 0" || lines[999] != "stdout INFO 999" ||
		lines[1000] != `progress {"done":4,"total":null,"message":"rows"}` {
		t.Errorf("%d lines: %v", len(lines), lines[max(0, len(lines)-3):])
	}
	last := s.Redis.XRevRangeN(s.Context(), s.Keys.Logs(s.Client), "+", "-", 1).Val()[0].ID
	if found.Fields["lg"] != last {
		t.Errorf("the last entry is %s, not %s", last, found.Fields["lg"])
	}
}

// TestTimeout: the worker counts the time of an attempt.
func TestTimeout(t *testing.T) {
	s := newStand(t)
	s.worker(Options{})
	s.Submit("r/t/1", "wait", struct{}{}, "to", "50")
	if found := s.failure("r/t/1", frq.TimedOut); found.Code != frq.CodeTimeout || !found.Retryable {
		t.Errorf("%+v", found)
	}
	if cause := <-s.ended; !errors.Is(cause, ErrTimeout) {
		t.Errorf("the cause is %v", cause)
	}
}

// TestCancel: a running attempt ends by its context; one that takes no notice is left behind after the grace, and its
// slot is free again when it has returned.
func TestCancel(t *testing.T) {
	s := newStand(t)
	w, _ := s.worker(Options{Slots: 2})
	s.Submit("r/wait/1", "wait", struct{}{})
	s.Submit("r/hang/1", "hang", struct{}{})
	s.Begun("r/wait/1")
	s.Begun("r/hang/1")
	s.Cancel("r/wait/1")
	s.Cancel("r/hang/1", "grace", "50")
	if found := s.failure("r/wait/1", frq.Cancelled); found.Code != frq.CodeCancelled {
		t.Errorf("%+v", found)
	}
	if cause := <-s.ended; !errors.Is(cause, ErrCancelled) {
		t.Errorf("the cause is %v", cause)
	}
	s.failure("r/hang/1", frq.Cancelled)
	testutil.Eventually(t, "one slot is free", func() bool { return w.held.running() == 1 })
	close(s.gate)
	testutil.Eventually(t, "both slots are free", func() bool { return w.held.running() == 0 })
}

// TestTrueOutcome: a handler that ends well although it was cancelled has done its work, and that is what is told.
func TestTrueOutcome(t *testing.T) {
	s := newStand(t)
	s.worker(Options{})
	s.Submit("r/hang/1", "hang", struct{}{})
	s.Begun("r/hang/1")
	s.Cancel("r/hang/1")
	close(s.gate)
	if found := s.Result("r/hang/1"); found.Status != frq.OK || string(found.Answer.Value) != `"late"` {
		t.Errorf("%+v", found)
	}
}

// TestDrain: a worker that is told to end lets attempts finish, takes no new ones, gives back what does not end, and
// leaves no trace of itself.
func TestDrain(t *testing.T) {
	s := newStand(t)
	w, stop := s.worker(Options{Slots: 3, Grace: 100 * time.Millisecond, Lease: time.Minute})
	for _, name := range []string{"wait", "hang"} {
		s.Submit("r/"+name+"/1", name, struct{}{}, "md", "1")
		s.Begun("r/" + name + "/1")
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if cause := <-s.ended; !errors.Is(cause, ErrDraining) {
		t.Errorf("the cause is %v", cause)
	}
	if left := s.Redis.Exists(s.Context(), s.Keys.Worker(w.Name)).Val(); left != 0 || w.unready() != "draining" {
		t.Errorf("the worker is still there, %s", w.unready())
	}
	close(s.gate)
	Handle(s.reg, "again", func(context.Context, *Task, struct{}) (any, error) { return nil, nil })
	s.reg.handlers["wait"] = s.reg.handlers["again"]
	s.worker(Options{Lease: time.Minute})
	for _, name := range []string{"wait", "hang"} {
		if found := s.Result("r/" + name + "/1"); found.Status != frq.OK || found.Fields["d"] != "1" {
			t.Errorf("%s: %+v", name, found.Fields)
		}
	}
}

// TestDrainWaits: what ends within the grace is finished by the worker itself.
func TestDrainWaits(t *testing.T) {
	s := newStand(t)
	_, stop := s.worker(Options{})
	s.Submit("r/hang/1", "hang", struct{}{})
	s.Begun("r/hang/1")
	done := make(chan error, 1)
	go func() { done <- stop() }()
	time.AfterFunc(50*time.Millisecond, func() { close(s.gate) })
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if found := s.Result("r/hang/1"); found.Status != frq.OK {
		t.Errorf("%+v", found)
	}
}

// TestOrders: operators pause, resume and drain workers through Redis.
func TestOrders(t *testing.T) {
	s := newStand(t)
	w, _ := s.worker(Options{})
	testutil.Eventually(t, "it listens", func() bool {
		s.Tell("k", "pause", "w", w.Name)
		return w.unready() == "paused"
	})
	s.Tell("k", "resume", "w", "another")
	s.Tell("k", "dance", "w", "*")
	s.Submit("r/echo/1", "echo", 1)
	s.Tell("k", "resume", "w", "*")
	s.Result("r/echo/1")
	s.Tell("k", "drain", "w", "*", "grace", "0")
	testutil.Eventually(t, "it has left", func() bool {
		return s.Redis.Exists(s.Context(), s.Keys.Worker(w.Name)).Val() == 0
	})
}

// TestPausedTakesNothing: while a worker is paused its attempts stay in the queue.
func TestPausedTakesNothing(t *testing.T) {
	w, broker := fakeWorker(t, Options{})
	w.gate.set(false)
	ctx, cancel := context.WithCancel(t.Context())
	c := &claimer{broker: &countingBroker{fakeBroker: broker}, held: w.held, performer: w.performer, link: w.link, gate: w.gate}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.run(ctx)
	}()
	cancel()
	<-done
	if claims := c.broker.(*countingBroker).claims.Load(); claims != 0 {
		t.Errorf("%d claims", claims)
	}
}

type countingBroker struct {
	*fakeBroker
	claims atomic.Int64
}

func (c *countingBroker) Claim(context.Context, int) ([]frq.Delivery, error) {
	c.claims.Add(1)
	return nil, nil
}

// TestRedisIsAway: a worker outlives a restart of Redis, and so do its attempts and their results (CF-80).
func TestRedisIsAway(t *testing.T) {
	s := newStand(t)
	w, _ := s.worker(Options{Lease: time.Minute})
	s.Submit("r/hang/1", "hang", struct{}{})
	s.Begun("r/hang/1")
	s.server.Kill()
	close(s.gate)
	testutil.Eventually(t, "the worker notices", func() bool { return !w.link.isUp() })
	s.server.Up()
	if found := s.Result("r/hang/1"); found.Status != frq.OK || found.Fields["d"] != "1" {
		t.Errorf("%+v", found)
	}
	s.Submit("r/echo/1", "echo", 1)
	s.Result("r/echo/1")
}

// TestRedisForgets: after a loss of all data a worker serves what is submitted again.
func TestRedisForgets(t *testing.T) {
	s := newStand(t)
	s.worker(Options{})
	s.Submit("r/echo/1", "echo", 1)
	s.Result("r/echo/1")
	s.Redis.FlushAll(s.Context())
	s.Again()
	s.Submit("r/echo/2", "echo", 2)
	s.Result("r/echo/2")
}

// TestTakeOver: the attempts of a silent worker are performed by another one, and its late results do not count
// (X-CF-03).
func TestTakeOver(t *testing.T) {
	s := newStand(t)
	silentWorker := s.broker("silent")
	s.Submit("r/echo/1", "echo", 1)
	s.Submit("r/poison/1", "echo", 1, "md", "1")
	taken, err := silentWorker.Claim(s.Context(), 2)
	if err != nil || len(taken) != 2 {
		t.Fatal(taken, err)
	}
	w, _ := s.worker(Options{})
	if found := s.Result("r/echo/1"); found.Status != frq.OK || found.Fields["d"] != "2" {
		t.Errorf("%+v", found.Fields)
	}
	if found := s.failure("r/poison/1", frq.Lost); found.Code != frq.CodeMaxDeliveries {
		t.Errorf("%+v", found)
	}
	late := silentWorker.Write(s.Context(), []frq.Write{{Client: s.Client, Lease: &taken[0].Lease, Message: frq.Result{
		Origin: taken[0].Origin(), Worker: "silent", Status: frq.OK, Body: frq.Answer{}.Encode(),
	}}})
	if !late[0].Fenced {
		t.Errorf("the late result: %+v", late)
	}
	s.Results()
	if text := s.scrape(w); !strings.Contains(text, "flowrun_worker_reclaimed_total 2") {
		t.Error(text)
	}
}

func (s *stand) broker(name string) *frq.Redis {
	broker, err := frq.Open(frq.Address{URL: s.server.URL()}, frq.Settings{Keys: s.Keys, Worker: name, Lease: time.Second, InlineLimit: 1000})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = broker.Close() })
	return broker
}

// scrape reads the metrics.
func (s *stand) scrape(w *Worker) string {
	return s.get(w, "/metrics")
}

func (s *stand) get(w *Worker, path string) string {
	s.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	defer w.serveWatch(listener)()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get("http://" + listener.Addr().String() + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// TestWatch: health, readiness and metrics are told over HTTP.
func TestWatch(t *testing.T) {
	s := newStand(t)
	w, stop := s.worker(Options{})
	s.Submit("r/echo/1", "echo", 1)
	s.Result("r/echo/1")
	testutil.Eventually(t, "the attempt is counted", func() bool {
		return strings.Contains(s.get(w, "/metrics"), `flowrun_worker_tasks_total{handler="echo",status="ok"} 1`)
	})
	text := s.get(w, "/metrics")
	for _, name := range []string{
		`_task_seconds_count{handler="echo"} 1`, "_running 0", "_slots 2", "_fenced_total 0", "_reclaimed_total 0",
		"_released_total 0", "_heartbeat_age_seconds ", "_redis_errors_total 0", "_log_dropped_total 0",
	} {
		if !strings.Contains(text, "flowrun_worker"+name) {
			t.Errorf("%s is missing", name)
		}
	}
	if !strings.Contains(text, "go_goroutines") {
		t.Error("nothing is told of Go")
	}
	if health, ready := s.get(w, "/healthz"), s.get(w, "/readyz"); health != "ok\n" || ready != "ok\n" {
		t.Errorf("health %s, ready %s", health, ready)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if ready := s.get(w, "/readyz"); ready != "draining\n" {
		t.Errorf("ready: %s", ready)
	}
}

// TestDenied: a worker that Redis does not let in says so and ends; the password is not shown.
func TestDenied(t *testing.T) {
	server := testutil.Start(t, "--requirepass", "secret")
	w, err := New(NewRegistry(), Options{RedisURL: "redis://:hush@" + server.Address()}, silent)
	if err != nil {
		t.Fatal(err)
	}
	err = w.Run(t.Context())
	var denied *DeniedError
	if !errors.As(err, &denied) || strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), "WRONGPASS") {
		t.Errorf("it ended with %v", err)
	}
}

// TestLackOfARight: a worker that may not do what it must says which command that is, and ends.
func TestLackOfARight(t *testing.T) {
	s := newStand(t)
	s.Redis.Do(s.Context(), "ACL", "SETUSER", "half", "on", ">pw", "~*", "+@all", "-xautoclaim")
	w, err := New(s.reg, Options{RedisURL: "redis://half:pw@" + s.server.Address(), Queue: s.Queue, Lease: time.Second}, silent)
	if err != nil {
		t.Fatal(err)
	}
	var denied *DeniedError
	if err := w.Run(t.Context()); !errors.As(err, &denied) || !strings.Contains(strings.ToLower(err.Error()), "xautoclaim") {
		t.Errorf("it ended with %v", err)
	}
}

// TestStopWhileRedisIsAway: a worker that waits for Redis at its start can be stopped.
func TestStopWhileRedisIsAway(t *testing.T) {
	w, err := New(NewRegistry(), Options{RedisURL: "redis://127.0.0.1:1"}, silent)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	testutil.Eventually(t, "it has tried", func() bool { return !w.link.isUp() })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
