//go:build otel

package worker

import (
	"context"
	"fmt"
	"os"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// closing bounds how long the last spans may take on their way.
const closing = 3 * time.Second

// tracer tells a collector of attempts, over OTLP. The zero value tells nobody.
type tracer struct {
	provider *sdk.TracerProvider
	queue    string
}

// newTracer makes the tracer that OpenTelemetry's variables of the environment ask for; without an endpoint, none.
func newTracer(queue string) (tracer, error) {
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" {
		return tracer{}, nil
	}
	exporter, err := otlptracehttp.New(context.Background()) // it connects later
	if err != nil {
		return tracer{}, fmt.Errorf("traces: %w", err)
	}
	named := resource.NewSchemaless(attribute.String("service.name", "flowrun-worker"))
	about, err := resource.Merge(named, resource.Environment())
	if err != nil {
		return tracer{}, fmt.Errorf("traces: %w", err)
	}
	return tracer{provider: sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(about)), queue: queue}, nil
}

// begin gives the context of the handler: spans that it begins are below that of the attempt, which is below that of
// the run, if the run has one.
func (t tracer) begin(ctx context.Context, a *attempt, task *Task) (context.Context, span) {
	if t.provider == nil {
		return ctx, span{}
	}
	carrier := propagation.MapCarrier{"traceparent": a.Task.TraceParent}
	ctx, begun := t.provider.Tracer("github.com/flowrun/flowrun/go_worker").Start(
		propagation.TraceContext{}.Extract(ctx, carrier), a.Task.Handler,
		trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(
			attribute.String("messaging.system", "redis"),
			attribute.String("messaging.destination.name", t.queue),
			attribute.String("flowrun.job", task.Job),
			attribute.String("flowrun.run", task.RunID),
			attribute.String("flowrun.task", task.Name),
			attribute.String("flowrun.attempt.id", task.ID),
			attribute.Int("flowrun.attempt", task.Attempt),
			attribute.Int("flowrun.delivery", task.Delivery),
		),
	)
	return ctx, span{begun}
}

// close sends what is left.
func (t tracer) close() {
	if t.provider == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	_ = t.provider.Shutdown(ctx) // a collector that is away must not keep a worker from its end
}

// span is the time of one attempt.
type span struct{ begun trace.Span }

// drop ends the span of an attempt whose result counts for nothing, because another worker gives one.
func (s span) drop() {
	if s.begun != nil {
		s.begun.SetAttributes(attribute.String("flowrun.status", "dropped"))
		s.begun.End()
	}
}

func (s span) end(end ending) {
	if s.begun == nil {
		return
	}
	s.begun.SetAttributes(attribute.String("flowrun.status", statusLabel(end.status)))
	if end.status != frq.OK && end.answer.Error != nil {
		s.begun.SetStatus(codes.Error, end.answer.Error.Message)
	}
	s.begun.End()
}
