"""asynq 0.26.0: a queue for Go. It has no call that waits for a result, so the program asks until it is there."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ..program import Program

_VERSION = "0.26.0"
_INSTALLED = Path(__file__).parents[2] / ".peers" / f"asynq-{_VERSION}"

_PROGRAM = """
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sort"
	"strconv"
	"time"

	"github.com/hibiken/asynq"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func number(name string, fallback int) int {
	if value, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return value
	}
	return fallback
}

func main() {
	redis, err := asynq.ParseRedisURI(os.Getenv("REDIS_URL"))
	must(err)
	if len(os.Args) > 1 {
		serve(redis)
		return
	}
	worker := exec.Command(os.Args[0], "worker")
	must(worker.Start())
	defer worker.Process.Kill()

	client, inspector := asynq.NewClient(redis), asynq.NewInspector(redis)
	submit := func() string {
		info, err := client.Enqueue(asynq.NewTask("nothing", nil), asynq.Retention(time.Hour))
		must(err)
		return info.ID
	}
	wait := func(id string) {
		for {
			info, err := inspector.GetTaskInfo("default", id)
			must(err)
			if info.State == asynq.TaskStateCompleted {
				return
			}
			time.Sleep(100 * time.Microsecond)
		}
	}

	wait(submit())
	hops := make([]float64, number("HOPS", 200))
	for n := range hops {
		begin := time.Now()
		wait(submit())
		hops[n] = time.Since(begin).Seconds()
	}
	sort.Float64s(hops)

	count := number("COUNT", 2000)
	ids := make([]string, count)
	begin := time.Now()
	for n := range ids {
		ids[n] = submit()
	}
	for _, id := range ids {
		wait(id)
	}
	each := time.Since(begin).Seconds() / float64(count)

	text, err := json.Marshal(map[string]float64{"hop": hops[len(hops)/2], "one by one": each})
	must(err)
	fmt.Println(string(text))
}

func serve(redis asynq.RedisConnOpt) {
	server := asynq.NewServer(redis, asynq.Config{TaskCheckInterval: time.Millisecond, LogLevel: asynq.FatalLevel})
	mux := asynq.NewServeMux()
	mux.HandleFunc("nothing", func(context.Context, *asynq.Task) error { return nil })
	must(server.Run(mux))
}
"""


def program(url: str) -> Program:
    """What measures it; needs Go, and the module proxy the first time. Its idle workers look every millisecond."""
    if not (_INSTALLED / "ready").exists():
        _INSTALLED.mkdir(parents=True, exist_ok=True)
        (_INSTALLED / "go.mod").write_text(f"module peer\n\ngo 1.24\n\nrequire github.com/hibiken/asynq v{_VERSION}\n")
        (_INSTALLED / "main.go").write_text(_PROGRAM)
        for command in (("go", "mod", "tidy"), ("go", "build", "-o", "program", ".")):
            subprocess.run(command, cwd=_INSTALLED, check=True)
        (_INSTALLED / "ready").touch()
    return Program("asynq", (_INSTALLED / "program",), _INSTALLED, {"REDIS_URL": url})
