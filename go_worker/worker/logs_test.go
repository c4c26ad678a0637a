package worker

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// collector keeps what an attempt says.
type collector struct {
	mu       sync.Mutex
	messages []frq.Message
}

func (c *collector) post(message frq.Message, noted func(frq.Written)) {
	c.mu.Lock()
	c.messages = append(c.messages, message)
	number := len(c.messages)
	c.mu.Unlock()
	noted(frq.Written{Entry: fmt.Sprintf("%d-0", number)})
}

func (c *collector) batches() []frq.Lines {
	var found []frq.Lines
	for _, message := range c.messages {
		if lines, ok := message.(frq.Lines); ok {
			found = append(found, lines)
		}
	}
	return found
}

func (c *collector) texts() []string {
	var found []string
	for _, batch := range c.batches() {
		for _, line := range batch.Lines {
			found = append(found, batch.Stream+" "+line.Level+" "+line.Text)
		}
	}
	return found
}

func speaker() (*said, *collector) {
	c := &collector{}
	return newSaid(frq.Origin{ID: "r/t/1"}, c.post), c
}

// TestLinesStayInOrder: lines of several streams keep their order and their numbers; the last entry is known at the end.
func TestLinesStayInOrder(t *testing.T) {
	said, c := speaker()
	task := &Task{said: said}
	_, _ = fmt.Fprint(task.Stdout(), "one\ntwo\r\nth")
	task.Log().With("file", "a b").WithGroup("g").Warn("careful\nvery", "n", 1)
	_, _ = fmt.Fprint(task.Stdout(), "ree\n")
	_, _ = fmt.Fprint(task.Stderr(), "open")
	task.Log().Log(t.Context(), slog.LevelError+4, "end")
	last := said.close()

	wanted := []string{
		"stdout INFO one", "stdout INFO two", "log WARNING careful", `log WARNING very file="a b" g.n=1`,
		"stdout INFO three", "log CRITICAL end", "stderr ERROR open",
	}
	if found := c.texts(); strings.Join(found, "\n") != strings.Join(wanted, "\n") {
		t.Errorf("said: %q", found)
	}
	next := 1
	for _, batch := range c.batches() {
		if batch.First != next {
			t.Errorf("a batch begins with line %d instead of %d", batch.First, next)
		}
		next += len(batch.Lines)
	}
	if last != fmt.Sprintf("%d-0", len(c.messages)) {
		t.Errorf("the last entry is %s", last)
	}
}

// TestBatches: a batch leaves with 256 lines or 64 KiB.
func TestBatches(t *testing.T) {
	said, c := speaker()
	for range 300 {
		said.line("log", "INFO", "x")
	}
	for range 5 {
		said.line("log", "INFO", strings.Repeat("y", 20<<10))
	}
	said.close()
	batches := c.batches()
	if len(batches[0].Lines) != batchLines {
		t.Errorf("the first batch has %d lines", len(batches[0].Lines))
	}
	for _, batch := range batches {
		size := 0
		for _, line := range batch.Lines {
			size += len(line.Text)
		}
		if size > batchBytes {
			t.Errorf("a batch has %d bytes", size)
		}
	}
}

// TestLongLinesAreCut: a line over 32 KiB loses its end, between two characters, however it is written.
func TestLongLinesAreCut(t *testing.T) {
	said, c := speaker()
	said.line("log", "INFO", "x"+strings.Repeat("é", longestLine))
	writer := said.writer("stdout", "INFO")
	for range 5 {
		_, _ = fmt.Fprint(writer, strings.Repeat("é", longestLine/4))
	}
	_, _ = fmt.Fprint(writer, "\nnext\n")
	said.close()
	var texts []string
	for _, batch := range c.batches() {
		for _, line := range batch.Lines {
			texts = append(texts, line.Text)
			if len(line.Text) > longestLine || !utf8.ValidString(line.Text) {
				t.Errorf("a line of %d bytes", len(line.Text))
			}
		}
	}
	if len(texts) != 3 || texts[2] != "next" {
		t.Errorf("%d lines", len(texts))
	}
}

// TestTooMuch: after 10 MiB comes one line, and silence.
func TestTooMuch(t *testing.T) {
	said, c := speaker()
	for range 400 {
		said.line("stdout", "INFO", strings.Repeat("x", longestLine))
	}
	said.close()
	texts := c.texts()
	if last := texts[len(texts)-1]; last != "log WARNING truncated" {
		t.Errorf("the last line is %.60s", last)
	}
	if size := len(texts) * longestLine; size > mostLogBytes+2*longestLine {
		t.Errorf("%d lines were sent", len(texts))
	}
}

// TestProgress: of progress in quick succession the last one counts; whoever speaks after the end is not heard.
func TestProgress(t *testing.T) {
	said, c := speaker()
	for i := range int64(1000) {
		said.progress(i, 1000, "rows")
	}
	said.close()
	said.progress(1001, 1000, "late")
	said.line("log", "INFO", "late")
	if found := c.messages[len(c.messages)-1].(frq.Progress); found.Done != 999 || len(c.messages) > 100 {
		t.Errorf("%d messages, the last one %+v", len(c.messages), found)
	}
}

// TestLostLines: the end of an attempt does not wait for lines that could not be sent.
func TestLostLines(t *testing.T) {
	said := newSaid(frq.Origin{}, func(_ frq.Message, noted func(frq.Written)) { noted(frq.Written{Err: errors.New("away")}) })
	said.line("log", "INFO", "x")
	if last := said.close(); last != "" {
		t.Errorf("the last entry is %s", last)
	}
}
