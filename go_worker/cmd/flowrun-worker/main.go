// Command flowrun-worker serves the bundled handlers on a queue of flowrun.
package main

import (
	"github.com/flowrun/flowrun/go_worker/handlers"
	"github.com/flowrun/flowrun/go_worker/worker"
)

func main() {
	reg := worker.NewRegistry()
	handlers.Register(reg)
	worker.Main(reg)
}
