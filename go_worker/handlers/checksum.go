package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/flowrun/flowrun/go_worker/worker"
)

// Tree is the parameter of Checksum.
type Tree struct {
	Path string `json:"path" jsonschema:"a file or a directory"`
}

// TreeSum is what Checksum gives.
type TreeSum struct {
	SHA256 string `json:"sha256"`
	Files  int    `json:"files"`
	Bytes  int64  `json:"bytes"`
}

// Checksum gives one digest of all regular files under a path, on all processors.
//
// It is that of the lines "<digest of the file>  <path from the directory, with />", in the order of the paths: what
// sha256sum prints of them.
func Checksum(ctx context.Context, t *worker.Task, in Tree) (TreeSum, error) {
	names, err := regularFiles(ctx, in.Path)
	if err != nil {
		return TreeSum{}, err
	}
	sums, size, err := digests(ctx, t, in.Path, names)
	if err != nil {
		return TreeSum{}, err
	}
	whole := sha256.New()
	for i, name := range names {
		_, _ = fmt.Fprintf(whole, "%s  %s\n", sums[i], name) // a hash never fails
	}
	return TreeSum{SHA256: hex.EncodeToString(whole.Sum(nil)), Files: len(names), Bytes: size}, nil
}

// regularFiles are the sorted paths from the root; of a file it is ".".
func regularFiles(ctx context.Context, root string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			var name string
			name, err = filepath.Rel(root, path)
			found = append(found, filepath.ToSlash(name))
		}
		return errors.Join(err, ctx.Err())
	})
	slices.Sort(found)
	return found, err
}

func digests(ctx context.Context, t *worker.Task, root string, names []string) ([]string, int64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sums := make([]string, len(names))
	var next, done, size atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(names)) && ctx.Err() == nil; i = next.Add(1) - 1 {
				sum, bytes, err := digest(filepath.Join(root, filepath.FromSlash(names[i])))
				if err != nil {
					cancel(err)
					return
				}
				sums[i] = sum
				size.Add(bytes)
				t.Progress(done.Add(1), int64(len(names)), "files")
			}
		})
	}
	workers.Wait()
	return sums, size.Load(), context.Cause(ctx)
}

func digest(path string) (string, int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = file.Close() }()
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	return hex.EncodeToString(hash.Sum(nil)), size, err
}
