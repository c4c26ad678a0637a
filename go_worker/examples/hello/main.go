// Command hello is the smallest worker of one's own.
package main

import (
	"context"

	"github.com/flowrun/flowrun/go_worker/worker"
)

type hello struct {
	Name string `json:"name"`
}

func main() {
	reg := worker.NewRegistry()
	worker.Handle(reg, "hello", func(ctx context.Context, t *worker.Task, in hello) (string, error) {
		t.Log().Info("greeting", "name", in.Name)
		return "Hello, " + in.Name, nil
	})
	worker.Main(reg)
}
