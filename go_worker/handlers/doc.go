// Package handlers has the functions that the program flowrun-worker serves.
package handlers

import "github.com/flowrun/flowrun/go_worker/worker"

// Register adds all of them to a registry.
func Register(reg *worker.Registry) {
	worker.Handle(reg, "sum", Sum)
	worker.Handle(reg, "add100", Add100)
	worker.Handle(reg, "fibonacci", Fibonacci)
	worker.Handle(reg, "download_to_file", DownloadToFile)
	worker.Handle(reg, "checksum", Checksum)
	worker.Handle(reg, "compress", Compress)
	worker.Handle(reg, "http_probe", HTTPProbe)
}
