package worker

import (
	"io"
	"log/slog"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// Task is what a handler may know of the attempt it performs, and how it speaks.
type Task struct {
	ID          string // of the attempt, the same for all its deliveries: a key for idempotent effects
	Attempt     int    // counts from 1
	MaxAttempts int
	Delivery    int // counts from 1; more than 1: a worker was lost with it
	Job         string
	RunID       string
	Name        string // of the task in its job

	shared *Shared
	said   *said
}

func newTask(delivery frq.Delivery, body frq.Body, said *said) *Task {
	return &Task{
		ID: delivery.ID, Attempt: delivery.Task.Attempt, MaxAttempts: body.Run.MaxAttempts, Delivery: delivery.Delivery,
		Job: body.Run.Job, RunID: body.Run.RunID, Name: body.Run.Task,
		shared: &Shared{values: body.Shared}, said: said,
	}
}

// Log writes lines into the log of the attempt.
func (t *Task) Log() *slog.Logger { return slog.New(newLogHandler(t.said)) }

// Stdout is the standard output of the attempt, for child programs. Lines appear whole.
func (t *Task) Stdout() io.Writer { return t.said.writer("stdout", "INFO") }

// Stderr is the error output of the attempt, for child programs. Lines appear whole.
func (t *Task) Stderr() io.Writer { return t.said.writer("stderr", "ERROR") }

// Progress tells how far the attempt is. A total of 0 means that nobody knows how much there is.
func (t *Task) Progress(done, total int64, message string) { t.said.progress(done, total, message) }

// Shared are the values that the tasks of a job share, as of the start of the attempt. Changes arrive with its result.
func (t *Task) Shared() *Shared { return t.shared }
