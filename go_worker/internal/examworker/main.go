// Command examworker serves the handlers of the exam that every worker takes; tests/protocol/README.md lists them.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/flowrun/flowrun/go_worker/worker"
)

func main() {
	reg := worker.NewRegistry()
	worker.Handle(reg, "exam.echo", echo)
	worker.Handle(reg, "exam.sleep", sleep)
	worker.Handle(reg, "exam.block", block)
	worker.Handle(reg, "exam.fail", fail)
	worker.Handle(reg, "exam.panic", panics)
	worker.Handle(reg, "exam.crash", crash)
	worker.Handle(reg, "exam.log", log)
	worker.Handle(reg, "exam.big", big)
	worker.Main(reg)
}

type echoIn struct {
	Value any `json:"value"`
}

func echo(_ context.Context, _ *worker.Task, in echoIn) (any, error) { return in.Value, nil }

type sleepIn struct {
	Seconds float64 `json:"seconds"`
	Mark    string  `json:"mark,omitempty" jsonschema:"file that is told what happens"`
}

func (in sleepIn) duration() time.Duration { return time.Duration(in.Seconds * float64(time.Second)) }

func sleep(ctx context.Context, t *worker.Task, in sleepIn) (float64, error) {
	if err := mark(in.Mark, "start", t); err != nil {
		return 0, err
	}
	select {
	case <-time.After(in.duration()):
	case <-ctx.Done():
		return 0, errors.Join(ctx.Err(), write(in.Mark, "cancelled "+t.ID))
	}
	return in.Seconds, mark(in.Mark, "end", t)
}

func block(_ context.Context, t *worker.Task, in sleepIn) (float64, error) {
	if err := mark(in.Mark, "start", t); err != nil {
		return 0, err
	}
	time.Sleep(in.duration())
	return in.Seconds, mark(in.Mark, "end", t)
}

type failIn struct {
	Message   string `json:"message,omitempty"`
	Permanent bool   `json:"permanent,omitempty"`
}

func fail(_ context.Context, _ *worker.Task, in failIn) (any, error) {
	err := errors.New(in.Message)
	if in.Permanent {
		err = worker.Permanent(err)
	}
	return nil, err
}

func panics(_ context.Context, _ *worker.Task, in failIn) (any, error) { panic(in.Message) }

type crashIn struct {
	Mark string `json:"mark,omitempty"`
}

func crash(_ context.Context, t *worker.Task, in crashIn) (any, error) {
	if err := mark(in.Mark, "start", t); err != nil {
		return nil, err
	}
	return nil, syscall.Kill(os.Getpid(), syscall.SIGKILL)
}

type logIn struct {
	Lines int `json:"lines"`
	Width int `json:"width"`
}

func log(_ context.Context, t *worker.Task, in logIn) (any, error) {
	for i := range in.Lines {
		line := fmt.Sprintf("%d ", i+1)
		line += strings.Repeat("x", max(in.Width-len(line), 0))
		if _, err := fmt.Fprintln(t.Stdout(), line); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

type bigIn struct {
	Bytes int `json:"bytes"`
}

func big(_ context.Context, _ *worker.Task, in bigIn) (string, error) {
	return strings.Repeat("x", in.Bytes), nil
}

func mark(file, what string, t *worker.Task) error {
	return write(file, fmt.Sprintf("%s %s %d %d", what, t.ID, t.Delivery, os.Getpid()))
}

// write appends a line in one piece, as several processes write.
func write(file, line string) error {
	if file == "" {
		return nil
	}
	into, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = into.WriteString(line + "\n")
	return errors.Join(err, into.Close())
}
