"""The files of a worker in Go, each with what it is for."""

from __future__ import annotations

from collections.abc import Iterator

from .scaffold import ScaffoldFile

_MODULE = """\
module {module}

go 1.26.0

require github.com/flowrun/flowrun/go_worker v0.0.0

// It is not published yet: this is its place in a copy of flowrun's repository.
replace github.com/flowrun/flowrun/go_worker => {source}
"""

_MAIN = """\
// This worker serves the tasks of words.yaml.
package main

import "github.com/flowrun/flowrun/go_worker/worker"

func main() {
	reg := worker.NewRegistry()
	worker.Handle(reg, "count_words", countWords)
	worker.Main(reg)
}
"""

_HANDLER = """\
package main

import (
	"context"
	"strings"
	"unicode"

	"github.com/flowrun/flowrun/go_worker/worker"
)

// text is what the job gives to the task.
type text struct {
	Text string `json:"text" jsonschema:"what is counted"`
}

// figures are the result of the task.
type figures struct {
	Words   int `json:"words"`
	Letters int `json:"letters"`
}

// countWords is the task count_words. What it logs appears in the log of the task.
func countWords(_ context.Context, t *worker.Task, in text) (figures, error) {
	found := figuresOf(in.Text)
	t.Log().Info("counted", "words", found.Words)
	return found, nil
}

func figuresOf(text string) figures {
	letters := 0
	for _, sign := range text {
		if unicode.IsLetter(sign) {
			letters++
		}
	}
	return figures{Words: len(strings.Fields(text)), Letters: letters}
}
"""

_TEST = """\
package main

import "testing"

func TestWordsAndLettersAreCounted(t *testing.T) {
	for text, wanted := range map[string]figures{
		"":            {},
		"Hello, Ada!": {Words: 2, Letters: 8},
		"  42 Äpfel ": {Words: 2, Letters: 5},
	} {
		if found := figuresOf(text); found != wanted {
			t.Errorf("%q: %+v, and not %+v", text, found, wanted)
		}
	}
}
"""

_JOB = """\
config: {name: words}

executors:
  go:
    executor: redis
    parameters: {queue: go}     # and url, if it is not in FLOWRUN_REDIS_URL

tasks:
  count:
    task: count_words           # a name that the worker announces
    executor: go
    parameters: {text: "$VAR{text:the quick brown fox}"}

  count-again:
    task: count_words
    executor: go
    parameters: {text: "${{ tasks.count.result.words }} words"}
"""

_MAKE = """\
worker: go.sum $(wildcard *.go)
	go build -o worker .

go.sum: go.mod
	go mod tidy
	@touch go.sum

.PHONY: test serve
test: go.sum
	go vet ./...
	go test ./...

serve: worker
	./worker --queue go
"""

_README = """\
# A worker in Go

It serves the task `count_words` to jobs of flowrun, over a queue in Redis.

| | |
|---|---|
| `make` | builds `worker` |
| `make test` | vets and tests |
| `make serve` | serves the queue `go` of the Redis at `FLOWRUN_REDIS_URL` |
| `flowrun -j words.yaml` | runs the job, in another terminal |
| `flowrun workers --queue go` | shows who serves the queue, and what they offer |

A further task is a function as in `count_words.go`, and a line in `main.go`.
"""


def go_scaffold(module: str, source: str) -> Iterator[ScaffoldFile]:
    """The files of a Go module of this path; `source` is where the module of flowrun is."""
    yield ScaffoldFile("go.mod", "is the Go module", _MODULE.format(module=module, source=source))
    yield ScaffoldFile("main.go", "registers the tasks and serves them", _MAIN)
    yield ScaffoldFile("count_words.go", "has the task that the job names", _HANDLER)
    yield ScaffoldFile("count_words_test.go", "shows how a task is tested", _TEST)
    yield ScaffoldFile("words.yaml", "is a job that sends tasks to the worker", _JOB)
    yield ScaffoldFile("Makefile", "builds, tests and serves", _MAKE)
    yield ScaffoldFile("README.md", "tells that to others", _README)
    yield ScaffoldFile(
        ".gitignore", "keeps the program, saved runs and logs out of git", "/worker\n/.flowrun/\n/logs/\n"
    )
