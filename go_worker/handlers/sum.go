package handlers

import (
	"context"

	"github.com/flowrun/flowrun/go_worker/worker"
)

// Numbers are the parameters of Sum.
type Numbers struct {
	Numbers []float64 `json:"numbers"`
}

// Sum adds numbers.
func Sum(_ context.Context, _ *worker.Task, in Numbers) (float64, error) {
	total := 0.0
	for _, number := range in.Numbers {
		total += number
	}
	return total, nil
}
