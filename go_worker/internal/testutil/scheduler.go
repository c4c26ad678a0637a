package testutil

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// Patience is how long a test waits for what must come.
const Patience = 15 * time.Second

var queues atomic.Int64

// Scheduler submits attempts to a queue that no other test has, and reads what becomes of them.
type Scheduler struct {
	tb     testing.TB
	Redis  *redis.Client
	Queue  string
	Keys   frq.Keys
	Client string
	seen   map[string]Result
	last   string
}

// Result is a result as it stands in the stream.
type Result struct {
	Fields  map[string]string
	Status  frq.Status
	Answer  frq.Answer
	Started int // deliveries of the attempt that were begun until then
}

// NewScheduler connects a scheduler.
func NewScheduler(tb testing.TB, server *Server) *Scheduler {
	tb.Helper()
	queue := fmt.Sprintf("q%d", queues.Add(1))
	keys, err := frq.NewKeys(frq.DefaultPrefix, queue)
	if err != nil {
		tb.Fatal(err)
	}
	s := &Scheduler{
		tb: tb, Queue: queue, Keys: keys, Client: "client", seen: map[string]Result{}, last: "0-0",
		Redis: redis.NewClient(&redis.Options{Addr: server.Address(), MaxRetries: -1}),
	}
	tb.Cleanup(func() { _ = s.Redis.Close() })
	s.Live()
	return s
}

// Again is the same scheduler that has read nothing yet.
func (s *Scheduler) Again() *Scheduler {
	s.seen, s.last = map[string]Result{}, "0-0"
	s.Live()
	return s
}

// Live writes the lease of the client.
func (s *Scheduler) Live() {
	s.tb.Helper()
	if err := s.Redis.Set(s.Context(), s.Keys.Client(s.Client), "1", time.Minute).Err(); err != nil {
		s.tb.Fatal(err)
	}
}

// Context ends with the test.
func (s *Scheduler) Context() context.Context { return s.tb.Context() }

// Submit puts a task into the queue; fields come on top of the usual ones. It gives the entry.
func (s *Scheduler) Submit(id, handler string, params any, fields ...any) string {
	s.tb.Helper()
	text, err := json.Marshal(map[string]any{
		"params": params, "shared": map[string]any{"day": "2026-01-01"},
		"run": map[string]any{"job": "nightly", "run_id": "run", "task": "load", "max_attempts": 3},
	})
	if err != nil {
		s.tb.Fatal(err)
	}
	values := append([]any{"v", "1", "id", id, "h", handler, "c", s.Client, "a", "1", "md", "3", "b", text}, fields...)
	return s.Add(values...)
}

// Add puts an entry into the queue as it is.
func (s *Scheduler) Add(fields ...any) string {
	s.tb.Helper()
	entry, err := s.Redis.XAdd(s.Context(), &redis.XAddArgs{Stream: s.Keys.Tasks(), Values: fields}).Result()
	if err != nil {
		s.tb.Fatal(err)
	}
	return entry
}

// Cancel calls an attempt back as a scheduler does.
func (s *Scheduler) Cancel(id string, fields ...any) {
	s.tb.Helper()
	s.Redis.ZAdd(s.Context(), s.Keys.Cancelled(), redis.Z{Score: 1, Member: id})
	s.Tell(append([]any{"v", "1", "k", "cancel", "id", id}, fields...)...)
}

// Tell broadcasts to workers.
func (s *Scheduler) Tell(fields ...any) {
	s.tb.Helper()
	if err := s.Redis.XAdd(s.Context(), &redis.XAddArgs{Stream: s.Keys.Control(), Values: fields}).Err(); err != nil {
		s.tb.Fatal(err)
	}
}

// Result waits for the result of an attempt.
func (s *Scheduler) Result(id string) Result {
	s.tb.Helper()
	for end := time.Now().Add(Patience); time.Now().Before(end); {
		if found, ok := s.seen[id]; ok && found.Status != "" {
			return found
		}
		s.read()
	}
	s.tb.Fatalf("there is no result of %s", id)
	return Result{}
}

// Begun waits until a delivery of an attempt has begun.
func (s *Scheduler) Begun(id string) {
	s.tb.Helper()
	for end := time.Now().Add(Patience); time.Now().Before(end); {
		if s.seen[id].Started > 0 {
			return
		}
		s.read()
	}
	s.tb.Fatalf("%s was not begun", id)
}

// Results are the results until now, by attempt.
func (s *Scheduler) Results() map[string]Result {
	s.read()
	return s.seen
}

func (s *Scheduler) read() {
	streams, err := s.Redis.XRead(s.Context(), &redis.XReadArgs{
		Streams: []string{s.Keys.Events(s.Client), s.last}, Block: 100 * time.Millisecond, Count: 1000,
	}).Result()
	if err != nil {
		return // nothing new, or the server is away
	}
	for _, message := range streams[0].Messages {
		s.last = message.ID
		s.note(message)
	}
}

func (s *Scheduler) note(message redis.XMessage) {
	fields := map[string]string{}
	for name, value := range message.Values {
		fields[name] = value.(string)
	}
	id := fields["id"]
	found := s.seen[id]
	if fields["k"] == "started" {
		found.Started++
		s.seen[id] = found
		return
	}
	if found.Status != "" {
		s.tb.Errorf("a second result of %s", id)
	}
	found.Fields, found.Status = fields, frq.Status(fields["st"])
	if body, ok := fields["b"]; ok {
		if err := json.Unmarshal([]byte(body), &found.Answer); err != nil {
			s.tb.Errorf("the result of %s: %v", id, err)
		}
	}
	s.seen[id] = found
}

// Lines are the lines of all attempts until now, each as "stream level text", and messages of progress as "progress BODY".
func (s *Scheduler) Lines() []string {
	s.tb.Helper()
	entries, err := s.Redis.XRange(s.Context(), s.Keys.Logs(s.Client), "-", "+").Result()
	if err != nil {
		s.tb.Fatal(err)
	}
	var found []string
	for _, entry := range entries {
		body := entry.Values["b"].(string)
		if entry.Values["k"] == "progress" {
			found = append(found, "progress "+body)
			continue
		}
		var rows [][]any
		if err := json.Unmarshal([]byte(body), &rows); err != nil {
			s.tb.Fatal(err)
		}
		for _, row := range rows {
			found = append(found, fmt.Sprintf("%s %s %s", entry.Values["s"], row[1], row[2]))
		}
	}
	return found
}

// Eventually waits until something holds.
func Eventually(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if holds() {
			return
		}
	}
	tb.Fatalf("it did not come about that %s", what)
}
