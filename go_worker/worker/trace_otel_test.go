//go:build otel

package worker

import (
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/trace"
	sent "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// collected has the spans that a collector was sent, by name, and the names of the services.
type collected struct {
	mu       sync.Mutex
	spans    map[string]*spans.Span
	services []string
}

func (c *collected) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var request sent.ExportTraceServiceRequest
	if r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &request) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, of := range request.ResourceSpans {
		c.services = append(c.services, of.Resource.Attributes[0].Value.GetStringValue())
		for _, scope := range of.ScopeSpans {
			for _, span := range scope.Spans {
				c.spans[span.Name] = span
			}
		}
	}
}

// TestTraces: each attempt is a span of the trace that the run names, its handler's spans are below it, and a failure
// is one there, too. Spans that wait are sent when the worker ends.
func TestTraces(t *testing.T) {
	found := &collected{spans: map[string]*spans.Span{}}
	server := httptest.NewServer(found)
	defer server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	s := newStand(t)
	Handle(s.reg, "traced", func(ctx context.Context, _ *Task, _ struct{}) (string, error) {
		return trace.SpanContextFromContext(ctx).TraceID().String(), nil
	})
	_, stop := s.worker(Options{})
	const of, run = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	s.Submit("r/traced/1", "traced", struct{}{}, "tp", "00-"+of+"-"+run+"-01")
	s.Submit("r/fail/1", "fail", struct{}{})

	result := s.Result("r/traced/1")
	s.Result("r/fail/1")
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	traced, failed := found.spans["traced"], found.spans["fail"]
	if traced == nil || failed == nil || found.services[0] != "flowrun-worker" {
		t.Fatalf("there are %v of %v", found.spans, found.services)
	}
	if id := hex.EncodeToString(traced.TraceId); id != of || string(result.Answer.Value) != `"`+of+`"` {
		t.Errorf("the trace is %s, and in the handler %s", id, result.Answer.Value)
	}
	if parent := hex.EncodeToString(traced.ParentSpanId); parent != run {
		t.Errorf("the parent is %s", parent)
	}
	if len(failed.ParentSpanId) != 0 || failed.Status.Code != spans.Status_STATUS_CODE_ERROR || failed.Status.Message != "unexpected EOF" {
		t.Errorf("the failure is %v", failed)
	}
	if traced.Status.Code != spans.Status_STATUS_CODE_UNSET || traced.EndTimeUnixNano < traced.StartTimeUnixNano {
		t.Errorf("the other one is %v", traced)
	}
}

// TestNoTraces: without an endpoint nothing is sent anywhere.
func TestNoTraces(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "")
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "")
	if traces, err := newTracer("q"); err != nil || traces.provider != nil {
		t.Errorf("there is %v (%v)", traces, err)
	}
}
