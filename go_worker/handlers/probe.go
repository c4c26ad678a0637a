package handlers

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/flowrun/flowrun/go_worker/worker"
)

// Probe are the parameters of HTTPProbe.
type Probe struct {
	URL      string            `json:"url"`
	Method   string            `json:"method,omitempty" jsonschema:"GET if empty"`
	Headers  map[string]string `json:"headers,omitempty"`
	Statuses []int             `json:"statuses,omitempty" jsonschema:"those that are well; 200 to 299 if empty"`
	Contains string            `json:"contains,omitempty" jsonschema:"text that must stand in the first MiB of the body"`
	Seconds  float64           `json:"seconds,omitempty" jsonschema:"to wait at most; 10 if 0"`
}

// Probed is what HTTPProbe gives.
type Probed struct {
	Status int     `json:"status"`
	MS     float64 `json:"ms"`
	Bytes  int     `json:"bytes"`
}

const (
	probeSeconds = 10
	probeBytes   = 1 << 20
)

// HTTPProbe asks a URL and fails unless the answer is as expected.
func HTTPProbe(ctx context.Context, _ *worker.Task, in Probe) (Probed, error) {
	if in.Seconds == 0 {
		in.Seconds = probeSeconds
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(in.Seconds*float64(time.Second)))
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, strings.ToUpper(in.Method), in.URL, nil)
	if err != nil {
		return Probed{}, worker.Permanent(err)
	}
	for name, value := range in.Headers {
		request.Header.Set(name, value)
	}
	began := time.Now()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Probed{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, probeBytes))
	if err != nil {
		return Probed{}, err
	}
	found := Probed{
		Status: response.StatusCode, Bytes: len(body), MS: float64(time.Since(began).Microseconds()) / 1000,
	}
	return found, in.judge(found.Status, string(body))
}

func (in Probe) judge(status int, body string) error {
	isWell := status/100 == 2
	if len(in.Statuses) > 0 {
		isWell = slices.Contains(in.Statuses, status)
	}
	if !isWell {
		return fmt.Errorf("%s answered %d", in.URL, status)
	}
	if !strings.Contains(body, in.Contains) {
		return fmt.Errorf("%s answered without %q", in.URL, in.Contains)
	}
	return nil
}
