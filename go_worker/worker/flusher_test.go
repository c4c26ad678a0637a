package worker

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// TestResultsOutliveAnOutage: what could not be sent is sent when Redis is back, in its order; what nobody wants is not.
func TestResultsOutliveAnOutage(t *testing.T) {
	w, broker := fakeWorker(t, Options{})
	broker.setAway(true)
	stop := launch(w.flusher.run)
	dropped := make(chan error, 1)
	w.flusher.send(letter{write: frq.Write{Client: "first"}})
	w.flusher.send(letter{
		write: frq.Write{Client: "unwanted"}, isWanted: func() bool { return false },
		noted: func(written frq.Written) { dropped <- written.Err },
	})
	if err := <-dropped; !errors.Is(err, errAway) {
		t.Errorf("it was dropped with %v", err)
	}
	w.flusher.send(letter{write: frq.Write{Client: "second"}})
	broker.setAway(false)
	w.link.works()
	if one, two := <-broker.written, <-broker.written; one.Client != "first" || two.Client != "second" {
		t.Errorf("sent: %s, %s", one.Client, two.Client)
	}
	stop()
}

// TestTooManyMessages: while Redis is away, memory is bounded: what is said beyond that is dropped and counted.
func TestTooManyMessages(t *testing.T) {
	w, _ := fakeWorker(t, Options{})
	w.link.fails("write", errAway)
	dropped := 0
	for range mostWaiting + 10 {
		w.flusher.say(letter{noted: func(frq.Written) { dropped++ }})
	}
	if dropped != 10 {
		t.Errorf("%d messages were dropped", dropped)
	}
}

// TestLastLetters: what is in the queue when the worker stops is sent.
func TestLastLetters(t *testing.T) {
	w, broker := fakeWorker(t, Options{})
	for range 600 {
		w.flusher.send(letter{})
	}
	launch(w.flusher.run)()
	if len(broker.writes) != 600 {
		t.Errorf("%d were sent", len(broker.writes))
	}
}

// TestOneFlushForMany: what is said while one pipeline is under way leaves together.
func TestOneFlushForMany(t *testing.T) {
	w, broker := fakeWorker(t, Options{})
	for range mostTogether {
		w.flusher.send(letter{})
	}
	stop := launch(w.flusher.run)
	for range mostTogether {
		select {
		case <-broker.written:
		case <-time.After(10 * time.Second):
			t.Fatal("nothing is sent")
		}
	}
	stop()
	if broker.calls != 1 {
		t.Errorf("%d pipelines were needed", broker.calls)
	}
}

// TestLargeLettersLeaveApart: a pipeline is bounded in bytes, too, so that heartbeats are not held up.
func TestLargeLettersLeaveApart(t *testing.T) {
	w, broker := fakeWorker(t, Options{})
	for range 4 {
		w.flusher.send(letter{write: frq.Write{Message: frq.Lines{Lines: []frq.Line{{Text: strings.Repeat("x", mostBytes)}}}}})
	}
	launch(w.flusher.run)()
	if broker.calls != 4 {
		t.Errorf("%d pipelines were needed", broker.calls)
	}
}
