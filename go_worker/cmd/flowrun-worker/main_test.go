package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/flowrun/flowrun/go_worker/frq"
	"github.com/flowrun/flowrun/go_worker/internal/testutil"
)

// TestMain makes the program of the tests the program itself when it is asked to be.
func TestMain(m *testing.M) {
	if os.Getenv("IS_THE_WORKER") != "" {
		main()
	}
	os.Exit(m.Run())
}

// start starts the program on a queue and waits until it serves.
func start(t *testing.T, server *testutil.Server, queue string, args ...string) *exec.Cmd {
	t.Helper()
	program := exec.Command(os.Args[0], append(args, "--redis", server.URL(), "--queue", queue, "--listen", "")...)
	program.Env = append(os.Environ(), "IS_THE_WORKER=1")
	said, err := program.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = program.Process.Kill() })
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "serves") {
			return program
		}
	}
	t.Fatal("it does not serve")
	return nil
}

// TestSignals: the first SIGTERM lets attempts end, the second one ends the program at once.
func TestSignals(t *testing.T) {
	server := testutil.Start(t)
	s := testutil.NewScheduler(t, server)
	program := start(t, server, s.Queue)
	s.Submit("r/sum/1", "sum", map[string]any{"numbers": []int{1, 2}})
	if found := s.Result("r/sum/1"); found.Status != frq.OK {
		t.Errorf("%+v", found)
	}
	_ = program.Process.Signal(syscall.SIGTERM)
	if err := program.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}

	program = start(t, server, s.Queue)
	s.Submit("r/fibonacci/1", "fibonacci", map[string]any{"n": 92})
	s.Begun("r/fibonacci/1")
	ended := make(chan error, 1)
	go func() { ended <- program.Wait() }()
	testutil.Eventually(t, "it ends at the second signal", func() bool {
		_ = program.Process.Signal(syscall.SIGTERM)
		return len(ended) > 0
	})
	var exit *exec.ExitError
	if err := <-ended; !errors.As(err, &exit) || exit.ExitCode() != 128+int(syscall.SIGTERM) {
		t.Errorf("it ended with %v", err)
	}
}

// TestKilledWorker: what a killed worker had is done by another one (X-CF-03).
func TestKilledWorker(t *testing.T) {
	server := testutil.Start(t)
	s := testutil.NewScheduler(t, server)
	program := start(t, server, s.Queue, "--lease", "1s")
	s.Submit("r/fibonacci/1", "fibonacci", map[string]any{"n": 38})
	s.Begun("r/fibonacci/1")
	_ = program.Process.Kill()
	_ = program.Wait()
	start(t, server, s.Queue, "--lease", "1s")
	if found := s.Result("r/fibonacci/1"); found.Status != frq.OK || found.Fields["d"] != "2" {
		t.Errorf("%+v", found.Fields)
	}
}
