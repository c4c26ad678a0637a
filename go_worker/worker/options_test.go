package worker

import (
	"bytes"
	"errors"
	"flag"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func environment(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
}

// TestFlagsOverEnvironment: a flag is stronger than its variable, which is stronger than the default.
func TestFlagsOverEnvironment(t *testing.T) {
	line, err := parse("w", []string{"--queue", "flag", "--listen", "", "handlers"}, environment(map[string]string{
		"FLOWRUN_QUEUE": "variable", "FLOWRUN_REDIS_URL": "redis://localhost:7", "FLOWRUN_SLOTS": "3", "FLOWRUN_LEASE": "4s",
		"FLOWRUN_GRACE": "0", "FLOWRUN_INSECURE": "1", "FLOWRUN_LOG": "json", "FLOWRUN_TLS_CA": "",
	}), os.Stdout)
	if err != nil {
		t.Fatal(err)
	}
	if line.Queue != "flag" || line.RedisURL != "redis://localhost:7" || line.Slots != 3 || line.Lease != 4*time.Second ||
		!line.Insecure || line.log != "json" || line.Prefix != "flowrun" || line.Listen != "" || line.rest[0] != "handlers" {
		t.Errorf("read: %+v", line)
	}
	options, err := line.complete()
	if err != nil || options.Grace != 0 {
		t.Errorf("a grace of nothing is %s, %v", options.Grace, err)
	}
}

// TestLabels: several at once or one by one; those of the command line stand in the place of the variable's.
func TestLabels(t *testing.T) {
	variable := environment(map[string]string{"FLOWRUN_LABELS": "zone=eu, disk=ssd,rack=a=b"})
	for wanted, args := range map[string][]string{
		"disk=ssd,rack=a=b,zone=eu": nil,
		"gpu=,zone=us":              {"--labels", "zone=de", "--labels", "zone=us,gpu="},
	} {
		line, err := parse("w", args, variable, os.Stdout)
		if err != nil || line.Labels.String() != wanted {
			t.Errorf("%v: %s, %v; %s is wanted", args, line.Labels, err, wanted)
		}
	}
	if _, err := parse("w", []string{"--labels", "zone"}, variable, os.Stdout); err == nil || !strings.Contains(err.Error(), "KEY=VALUE") {
		t.Errorf("a label without a value: %v", err)
	}
}

// TestBadOptions: a mistake is told with its place and with what is allowed, and the program does not start.
func TestBadOptions(t *testing.T) {
	short := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(short, []byte("# a key\nshort\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, wanted := range map[string]string{
		"--slots=0x":                       "invalid value",
		"--slots=-1":                       "at least 1",
		"--lease=10ms":                     "1s to 10m",
		"--queue=UPPER":                    "a-z",
		"--prefix={x}":                     "prefix",
		"--inline-limit=99999999":          "16777216",
		"--tls-cert=x":                     "tls-key",
		"--hmac-key-file=" + short:         "at least 16",
		"--hmac-key-file=/nowhere/to/find": "/nowhere/to/find",
		"--redis=redis://example.org":      "--insecure",
		"--log=xml":                        "text, json",
		"--log-level=loud":                 "debug, info",
		"dance":                            "handlers, health, version",
	} {
		var out, problems bytes.Buffer
		status := command{reg: NewRegistry(), environment: environment(nil), out: &out, err: &problems}.run([]string{"w", args})
		if status != exitUsage || !strings.Contains(problems.String(), wanted) || strings.Count(problems.String(), "\n") != 1 {
			t.Errorf("%s: %d, %s", args, status, problems.String())
		}
	}
	_, err := parse("w", nil, environment(map[string]string{"FLOWRUN_SLOTS": "many"}), os.Stdout)
	if err == nil || !strings.Contains(err.Error(), `FLOWRUN_SLOTS is "many"`) {
		t.Errorf("a bad variable: %v", err)
	}
}

// TestHelp: every flag is told with its variable.
func TestHelp(t *testing.T) {
	var out bytes.Buffer
	if _, err := parse("my-worker", []string{"-h"}, environment(nil), &out); !errors.Is(err, flag.ErrHelp) {
		t.Fatal(err)
	}
	for _, wanted := range []string{"my-worker [flags] handlers", "--redis URL", "FLOWRUN_REDIS_URL", "FLOWRUN_HMAC_KEY_FILE", "default 25s"} {
		if !strings.Contains(out.String(), wanted) {
			t.Errorf("%q is missing in\n%s", wanted, out.String())
		}
	}
}

// TestCommands: handlers and version are told; health asks the worker that listens.
func TestCommands(t *testing.T) {
	reg := NewRegistry()
	handleResize(reg, &resize{})
	run := func(args ...string) (int, string, string) {
		var out, problems bytes.Buffer
		c := command{reg: reg, environment: environment(nil), out: &out, err: &problems}
		return c.run(append([]string{"/bin/my-worker"}, args...)), out.String(), problems.String()
	}
	if status, out, _ := run("handlers"); status != exitOK || !strings.Contains(out, `"resize": {`) {
		t.Errorf("handlers: %d, %s", status, out)
	}
	if status, out, _ := run("version"); status != exitOK || !strings.HasPrefix(out, "my-worker ") || !strings.Contains(out, "frq/1.0") {
		t.Errorf("version: %d, %s", status, out)
	}
	if status, _, problems := run("--listen", "127.0.0.1:1", "health"); status != exitFailed || problems == "" {
		t.Errorf("health of nobody: %d, %s", status, problems)
	}
	w, _ := fakeWorker(t, Options{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer w.serveWatch(listener)()
	w.options.Listen = listener.Addr().String()
	port := w.options.Listen[strings.LastIndex(w.options.Listen, ":"):]
	if status, out, _ := run("--listen", port, "health"); status != exitFailed || !strings.Contains(out, "heartbeat") {
		t.Errorf("health of an ill worker: %d, %s", status, out)
	}
	w.pulse.felt(time.Now())
	if status, out, _ := run("--listen", port, "health"); status != exitOK || out != "ok\n" {
		t.Errorf("health: %d, %s", status, out)
	}
	if _, err := w.listen(); err == nil || !strings.Contains(err.Error(), "--listen") {
		t.Errorf("an address that is taken: %v", err)
	}
}
