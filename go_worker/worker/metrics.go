package worker

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics are what Prometheus may ask.
type metrics struct {
	registry    *prometheus.Registry
	tasks       *prometheus.CounterVec
	seconds     *prometheus.HistogramVec
	fenced      prometheus.Counter
	reclaimed   prometheus.Counter
	released    prometheus.Counter
	redisErrors prometheus.Counter
	logDropped  prometheus.Counter
}

func newMetrics(held *held, pulse *pulse) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		tasks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flowrun_worker_tasks_total", Help: "Attempts that ended, by handler and status.",
		}, []string{"handler", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "flowrun_worker_task_seconds", Help: "How long handlers ran.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 10),
		}, []string{"handler"}),
		fenced:      counter("fenced_total", "Results that were dropped because another worker had the attempt."),
		reclaimed:   counter("reclaimed_total", "Attempts that were taken over from silent workers."),
		released:    counter("released_total", "Attempts that were given back."),
		redisErrors: counter("redis_errors_total", "Calls of Redis that failed."),
		logDropped:  counter("log_dropped_total", "Messages of attempts that could not be sent."),
	}
	m.registry.MustRegister(m.tasks, m.seconds, m.fenced, m.reclaimed, m.released, m.redisErrors, m.logDropped,
		gauge("running", "Slots that are taken.", func() float64 { return float64(held.running()) }),
		gauge("slots", "Slots that there are.", func() float64 { return float64(held.slots) }),
		gauge("heartbeat_age_seconds", "Time since Redis answered a heartbeat.", func() float64 { return pulse.age().Seconds() }),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: "flowrun_worker_" + name, Help: help})
}

func gauge(name, help string, value func() float64) prometheus.GaugeFunc {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "flowrun_worker_" + name, Help: help}, value)
}
