package handlers

import (
	"context"

	"github.com/flowrun/flowrun/go_worker/worker"
)

// Number is the parameter of Add100.
type Number struct {
	Number float64 `json:"number"`
}

// Add100 adds a hundred.
func Add100(_ context.Context, _ *worker.Task, in Number) (float64, error) {
	return in.Number + 100, nil
}
