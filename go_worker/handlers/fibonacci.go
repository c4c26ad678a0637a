package handlers

import (
	"context"
	"fmt"

	"github.com/flowrun/flowrun/go_worker/worker"
)

// Place is the parameter of Fibonacci.
type Place struct {
	N int `json:"n" jsonschema:"which number of the series, from 1; 40 takes about a second"`
}

const largestPlace = 92 // the next one does not fit into 64 bits

// Fibonacci gives a number of the Fibonacci series. It calls itself twice for each, as an example of work for a processor.
func Fibonacci(ctx context.Context, _ *worker.Task, in Place) (int64, error) {
	if in.N < 1 || in.N > largestPlace {
		return 0, worker.Permanent(fmt.Errorf("n is %d; 1 to %d are allowed", in.N, largestPlace))
	}
	value := fibonacci(ctx, in.N)
	return value, ctx.Err()
}

// lookUp is the size below which it is not worth while to look whether anybody still waits.
const lookUp = 25

func fibonacci(ctx context.Context, n int) int64 {
	if n <= 2 {
		return 1
	}
	if n > lookUp && ctx.Err() != nil {
		return 0
	}
	return fibonacci(ctx, n-1) + fibonacci(ctx, n-2)
}
