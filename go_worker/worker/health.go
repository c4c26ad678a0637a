package worker

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// watch answers questions about the worker over HTTP: /healthz, /readyz and /metrics.
func (w *Worker) watch() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(w.metrics.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", answerWith(w.ill))
	mux.HandleFunc("GET /readyz", answerWith(w.unready))
	return mux
}

func answerWith(complaint func() string) http.HandlerFunc {
	return func(writer http.ResponseWriter, _ *http.Request) {
		found := complaint()
		if found == "" {
			found = "ok"
		} else {
			writer.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = fmt.Fprintln(writer, found)
	}
}

// ill says why the worker should be restarted, or nothing.
func (w *Worker) ill() string {
	if age := w.pulse.age(); age > w.options.Lease {
		return fmt.Sprintf("the last heartbeat is %s old; a lease has %s", age.Round(time.Millisecond), w.options.Lease)
	}
	return ""
}

// unready says why the worker takes no attempts, or nothing.
func (w *Worker) unready() string {
	switch {
	case w.isDraining.Load():
		return "draining"
	case !w.gate.isOpen():
		return "paused"
	case !w.isConnected.Load() || !w.link.isUp():
		return "not connected to Redis"
	}
	return ""
}

// listen begins to answer. That the usual address is taken, by another worker of this machine, is no reason not to work.
func (w *Worker) listen() (stop func(), err error) {
	if w.options.Listen == "" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", w.options.Listen)
	if err == nil {
		w.log.Debug("health and metrics", "address", listener.Addr().String())
		return w.serveWatch(listener), nil
	}
	if w.options.Listen == DefaultListen {
		w.log.Warn("no health and metrics: the usual address is taken; give another one with --listen", "error", err)
		return func() {}, nil
	}
	return nil, fmt.Errorf("health and metrics: %w; another address is given with --listen, none with --listen ''", err)
}

func (w *Worker) serveWatch(listener net.Listener) (stop func()) {
	server := &http.Server{Handler: w.watch(), ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // always ends with ErrServerClosed
	}()
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
		<-done
	}
}
