// Package worker serves Go functions as tasks of flowrun: a job names a function in its YAML file, and any worker of
// the queue that has it runs it.
//
//	type Resize struct {
//		Path  string `json:"path"`
//		Width int    `json:"width" jsonschema:"in pixels"`
//	}
//
//	func main() {
//		reg := worker.NewRegistry()
//		worker.Handle(reg, "image.resize", func(ctx context.Context, t *worker.Task, in Resize) (string, error) {
//			return resize(ctx, in.Path, in.Width)
//		})
//		worker.Main(reg)
//	}
package worker
