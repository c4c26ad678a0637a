package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// Statuses of exit.
const (
	exitOK      = 0
	exitFailed  = 1
	exitUsage   = 2
	exitService = 6 // Redis does not let the worker in
)

// Main is the main function of a program that serves the handlers of a registry: it reads flags and environment, serves
// until SIGTERM or SIGINT, and exits. A second signal ends it at once.
func Main(reg *Registry) {
	os.Exit(command{reg: reg, environment: os.LookupEnv, out: os.Stdout, err: os.Stderr}.run(os.Args))
}

// command is the command line with its surroundings.
type command struct {
	reg         *Registry
	environment func(string) (string, bool)
	out, err    io.Writer
}

func (c command) run(args []string) int {
	line, err := parse(filepath.Base(args[0]), args[1:], c.environment, c.out)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		return c.complain(exitUsage, err)
	}
	if len(line.rest) == 0 {
		return c.serve(line)
	}
	switch line.rest[0] {
	case "handlers":
		return c.handlers()
	case "health":
		return c.health(line.Listen)
	case "version":
		_, _ = fmt.Fprintf(c.out, "%s %s (%s, %s)\n", filepath.Base(args[0]), Release(), frq.Minor, runtime.Version())
		return exitOK
	}
	return c.complain(exitUsage, fmt.Errorf("%q is not known; there are: handlers, health, version", line.rest[0]))
}

func (c command) complain(status int, err error) int {
	_, _ = fmt.Fprintln(c.err, "error:", err)
	return status
}

func (c command) handlers() int {
	var text bytes.Buffer
	_ = json.Indent(&text, c.reg.Schemas(), "", "  ") // it was made here
	_, _ = fmt.Fprintln(c.out, text.String())
	return exitOK
}

// health asks a worker on this machine, for images that have no other program to ask with.
func (c command) health(address string) int {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return c.complain(exitUsage, fmt.Errorf("--listen: %w", err))
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Get("http://" + net.JoinHostPort(host, port) + "/healthz")
	if err != nil {
		return c.complain(exitFailed, err)
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(c.out, response.Body)
	if response.StatusCode != http.StatusOK {
		return exitFailed
	}
	return exitOK
}

func (c command) serve(line commandLine) int {
	log, err := c.logger(line)
	if err != nil {
		return c.complain(exitUsage, err)
	}
	worker, err := New(c.reg, line.Options, log)
	if err != nil {
		return c.complain(exitUsage, err)
	}
	ctx, stop := endBySignal()
	defer stop()
	err = worker.Run(ctx)
	var denied *DeniedError
	switch {
	case errors.As(err, &denied):
		return c.complain(exitService, err)
	case err != nil:
		return c.complain(exitFailed, err)
	}
	return exitOK
}

func (c command) logger(line commandLine) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(line.logLevel)); err != nil {
		return nil, fmt.Errorf("log-level is %q; there are: debug, info, warn, error", line.logLevel)
	}
	options := &slog.HandlerOptions{Level: level}
	switch line.log {
	case "text":
		return slog.New(slog.NewTextHandler(c.err, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(c.err, options)), nil
	}
	return nil, fmt.Errorf("log is %q; there are: text, json", line.log)
}

// endBySignal ends the context at the first signal and the process at the second: its leases do the rest.
func endBySignal() (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case caught := <-signals:
				if ctx.Err() != nil {
					number, _ := caught.(syscall.Signal)
					os.Exit(128 + int(number))
				}
				cancel()
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel()
	}
}
