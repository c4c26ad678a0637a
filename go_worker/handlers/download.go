package handlers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"github.com/flowrun/flowrun/go_worker/worker"
)

// Download are the parameters of DownloadToFile.
type Download struct {
	URL  string `json:"url"`
	Path string `json:"path" jsonschema:"the file to write; if it is there, nothing is downloaded"`
}

// Downloaded is what DownloadToFile gives.
type Downloaded struct {
	Path      string `json:"path"`
	Bytes     int64  `json:"bytes"`
	IsSkipped bool   `json:"is_skipped"`
}

// DownloadToFile writes the body of an answer with status 200 into a file, which appears when it is whole.
func DownloadToFile(ctx context.Context, t *worker.Task, in Download) (Downloaded, error) {
	if found, err := os.Stat(in.Path); err == nil {
		t.Log().Info("the file is there already", "path", in.Path)
		return Downloaded{Path: in.Path, Bytes: found.Size(), IsSkipped: true}, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return Downloaded{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, in.URL, nil)
	if err != nil {
		return Downloaded{}, worker.Permanent(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Downloaded{}, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return Downloaded{}, fmt.Errorf("%s answered %s; 200 is expected", in.URL, response.Status)
	}
	body := &counted{from: response.Body, total: response.ContentLength, task: t}
	err = writeWhole(in.Path, body)
	return Downloaded{Path: in.Path, Bytes: body.done}, err
}

// writeWhole writes under another name first, so that nobody sees half a file.
func writeWhole(path string, from io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	into, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = io.Copy(into, from)
	err = errors.Join(err, into.Chmod(0o644), into.Close())
	if err == nil {
		err = os.Rename(into.Name(), path)
	}
	if err != nil {
		_ = os.Remove(into.Name())
	}
	return err
}

// counted tells a task how much was read.
type counted struct {
	from        io.Reader
	task        *worker.Task
	done, total int64
}

func (c *counted) Read(into []byte) (int, error) {
	size, err := c.from.Read(into)
	c.done += int64(size)
	c.task.Progress(c.done, c.total, "bytes")
	return size, err
}
