package handlers_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/flowrun/flowrun/go_worker/frq"
	"github.com/flowrun/flowrun/go_worker/handlers"
	"github.com/flowrun/flowrun/go_worker/internal/testutil"
	"github.com/flowrun/flowrun/go_worker/worker"
)

// served is a worker with all handlers, asked by a scheduler.
type served struct {
	*testutil.Scheduler
	t     *testing.T
	count int
}

func serve(t *testing.T) *served {
	server := testutil.Start(t)
	s := &served{Scheduler: testutil.NewScheduler(t, server), t: t}
	reg := worker.NewRegistry()
	handlers.Register(reg)
	w, err := worker.New(reg, worker.Options{RedisURL: server.URL(), Queue: s.Queue}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		if err := w.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		cancel()
		done.Wait()
	})
	return s
}

// run gives the value, or the message of the error.
func (s *served) run(handler string, params any) string {
	s.t.Helper()
	s.count++
	id := fmt.Sprintf("r/%s/%d", handler, s.count)
	s.Submit(id, handler, params)
	found := s.Result(id)
	if found.Status != frq.OK {
		return fmt.Sprintf("%s: %s", found.Status, found.Answer.Error.Message)
	}
	return string(found.Answer.Value)
}

type m = map[string]any

// TestNumbers: the handlers of numbers give what their predecessors gave (CF-81).
func TestNumbers(t *testing.T) {
	s := serve(t)
	for _, test := range []struct {
		handler string
		params  any
		wanted  string
	}{
		{"sum", m{"numbers": []int{1, 2, 3}}, "6"},
		{"sum", m{"numbers": []float64{0.5, 0.25}}, "0.75"},
		{"sum", m{"numbers": []int{}}, "0"},
		{"sum", m{"numbers": "1,2"}, "rejected: numbers"},
		{"add100", m{"number": -1}, "99"},
		{"add100", m{}, "rejected: required"},
		{"fibonacci", m{"n": 1}, "1"},
		{"fibonacci", m{"n": 30}, "832040"},
		{"fibonacci", m{"n": 0}, "failed: n is 0; 1 to 92 are allowed"},
		{"fibonacci", m{"n": 1.5}, "rejected: n"},
	} {
		if found := s.run(test.handler, test.params); !strings.HasPrefix(found, test.wanted) {
			t.Errorf("%s of %v is %s", test.handler, test.params, found)
		}
	}
}

// TestDownload: a download wants status 200, leaves no half file, and is skipped where the file is there (CF-81).
func TestDownload(t *testing.T) {
	s := serve(t)
	asked := 0
	web := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		asked++
		switch request.URL.Path {
		case "/missing":
			writer.WriteHeader(http.StatusNotFound)
		case "/half":
			writer.Header().Set("Content-Length", "10")
			_, _ = writer.Write([]byte("half"))
		default:
			_, _ = writer.Write([]byte("content"))
		}
	}))
	defer web.Close()
	path := filepath.Join(t.TempDir(), "new", "file")
	for _, name := range []string{"/missing", "/half"} {
		if found := s.run("download_to_file", m{"url": web.URL + name, "path": path}); !strings.HasPrefix(found, "failed: ") {
			t.Errorf("%s: %s", name, found)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	}
	if found := s.run("download_to_file", m{"url": web.URL, "path": path}); !strings.Contains(found, `"bytes":7,"is_skipped":false`) {
		t.Error(found)
	}
	if text, _ := os.ReadFile(path); string(text) != "content" {
		t.Errorf("the file has %q", text)
	}
	before := asked
	if found := s.run("download_to_file", m{"url": web.URL, "path": path}); !strings.Contains(found, `"is_skipped":true`) || asked != before {
		t.Errorf("%s, asked %d times", found, asked-before)
	}
}

// TestChecksum: the digest of a tree is that of what sha256sum prints of its files, in the order of their paths.
func TestChecksum(t *testing.T) {
	s := serve(t)
	root := t.TempDir()
	var list strings.Builder
	for _, name := range []string{"a.txt", "a/b", "a/c/d", "z"} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		digest := sha256.Sum256([]byte(name))
		fmt.Fprintf(&list, "%s  %s\n", hex.EncodeToString(digest[:]), name)
	}
	whole := sha256.Sum256([]byte(list.String()))
	var found handlers.TreeSum
	if err := json.Unmarshal([]byte(s.run("checksum", m{"path": root})), &found); err != nil {
		t.Fatal(err)
	}
	if found.SHA256 != hex.EncodeToString(whole[:]) || found.Files != 4 || found.Bytes != 14 {
		t.Errorf("found: %+v", found)
	}
	if found := s.run("checksum", m{"path": filepath.Join(root, "none")}); !strings.HasPrefix(found, "failed: ") {
		t.Error(found)
	}
}

// TestCompress: what was compressed in blocks is one file for whoever reads it.
func TestCompress(t *testing.T) {
	s := serve(t)
	for _, size := range []int{0, 10, 1 << 20, 5<<20 + 3} {
		path := filepath.Join(t.TempDir(), "data")
		data := make([]byte, size)
		_, _ = rand.Read(data[:size/2])
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if found := s.run("compress", m{"path": path, "level": 1}); !strings.Contains(found, fmt.Sprintf(`"from_bytes":%d`, size)) {
			t.Fatal(found)
		}
		packed, err := os.Open(path + ".gz")
		if err != nil {
			t.Fatal(err)
		}
		reader, err := gzip.NewReader(packed)
		if err != nil {
			t.Fatal(err)
		}
		if unpacked, err := io.ReadAll(reader); err != nil || !bytes.Equal(unpacked, data) {
			t.Errorf("%d bytes came back as %d, %v", size, len(unpacked), err)
		}
		_ = packed.Close()
	}
	if found := s.run("compress", m{"path": "x", "level": 12}); found != "failed: level is 12; 1 to 9 are allowed" {
		t.Error(found)
	}
}

// TestProbe: a probe fails unless status and content are as expected.
func TestProbe(t *testing.T) {
	s := serve(t)
	web := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		if request.Method == http.MethodPost {
			writer.WriteHeader(http.StatusTeapot)
		}
		_, _ = fmt.Fprintf(writer, "well, %s", request.Header.Get("X-Name"))
	}))
	defer web.Close()
	for _, test := range []struct {
		params m
		wanted string
	}{
		{m{"url": web.URL, "headers": m{"X-Name": "Ada"}, "contains": "Ada"}, `{"status":200`},
		{m{"url": web.URL, "contains": "Grace"}, `failed: ` + web.URL + ` answered without "Grace"`},
		{m{"url": web.URL, "method": "post"}, "failed: " + web.URL + " answered 418"},
		{m{"url": web.URL, "method": "post", "statuses": []int{418}}, `{"status":418`},
		{m{"url": "http://127.0.0.1:1"}, "failed: "},
	} {
		if found := s.run("http_probe", test.params); !strings.HasPrefix(found, test.wanted) {
			t.Errorf("%v: %s", test.params, found)
		}
	}
}
