// Package testutil starts private Redis servers for tests, and plays the scheduler.
package testutil

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Server is a redis-server of its own, on a free port of this machine.
type Server struct {
	tb      testing.TB
	port    int
	dir     string
	args    []string
	process *exec.Cmd
}

// Start starts a server, which ends with the test. More arguments are those of redis-server.
func Start(tb testing.TB, args ...string) *Server {
	tb.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		tb.Fatal("the tests need redis-server on the PATH; on Debian: apt-get install redis-server")
	}
	s := &Server{tb: tb, port: freePort(tb), dir: tb.TempDir(), args: args}
	s.Up()
	tb.Cleanup(s.Kill)
	return s
}

func freePort(tb testing.TB) int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

// Up starts the server again after Kill, with what it has on its disk.
func (s *Server) Up() {
	s.tb.Helper()
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		s.tb.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	args := append([]string{"--port", strconv.Itoa(s.port), "--bind", "127.0.0.1", "--dir", s.dir, "--save", ""}, s.args...)
	s.process = exec.Command("redis-server", args...)
	s.process.Stdout, s.process.Stderr = log, log
	if err := s.process.Start(); err != nil {
		s.tb.Fatal(err)
	}
	s.waitUntilUp()
}

func (s *Server) waitUntilUp() {
	client := redis.NewClient(&redis.Options{Addr: s.Address(), MaxRetries: -1})
	defer func() { _ = client.Close() }()
	var err error
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if err = client.Ping(context.Background()).Err(); err == nil || isAnswer(err) {
			return
		}
	}
	log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	s.tb.Fatalf("redis-server did not start: %v\n%s", err, log)
}

// isAnswer is for servers that want a password.
func isAnswer(err error) bool {
	_, ok := err.(redis.Error)
	return ok && err.Error() != "LOADING Redis is loading the dataset in memory"
}

// Kill ends the server without a warning.
func (s *Server) Kill() {
	if s.process.ProcessState == nil {
		_ = s.process.Process.Kill()
		_ = s.process.Wait()
	}
}

// Process is for signals.
func (s *Server) Process() *os.Process { return s.process.Process }

// Address is host and port.
func (s *Server) Address() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// URL is the address as a worker wants it.
func (s *Server) URL() string { return "redis://" + s.Address() + "/0" }
