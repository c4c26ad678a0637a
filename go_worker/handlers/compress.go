package handlers

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/flowrun/flowrun/go_worker/worker"
)

// Compression are the parameters of Compress.
type Compression struct {
	Path  string `json:"path" jsonschema:"the file to compress; it stays"`
	To    string `json:"to,omitempty" jsonschema:"the file to write; PATH.gz if empty"`
	Level *int   `json:"level,omitempty" jsonschema:"1 (fast) to 9 (small)"`
}

// Compressed is what Compress gives.
type Compressed struct {
	Path  string `json:"path"`
	From  int64  `json:"from_bytes"`
	Bytes int64  `json:"bytes"`
}

const blockSize = 1 << 20

// Compress writes a file in the format of gzip, on all processors. Every block is a gzip member of its own, which any
// program that reads gzip takes for one file.
func Compress(ctx context.Context, t *worker.Task, in Compression) (Compressed, error) {
	level := gzip.DefaultCompression
	if in.Level != nil {
		level = *in.Level
	}
	if level != gzip.DefaultCompression && (level < gzip.BestSpeed || level > gzip.BestCompression) {
		return Compressed{}, worker.Permanent(fmt.Errorf("level is %d; 1 to 9 are allowed", level))
	}
	if in.To == "" {
		in.To = in.Path + ".gz"
	}
	file, err := os.Open(in.Path)
	if err != nil {
		return Compressed{}, err
	}
	defer func() { _ = file.Close() }()
	found, err := file.Stat()
	if err != nil {
		return Compressed{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	source := &counted{from: file, total: found.Size(), task: t}
	packed := &members{ctx: ctx, waiting: packBlocks(ctx, source, level)}
	if err := writeWhole(in.To, packed); err != nil {
		return Compressed{}, err
	}
	return Compressed{Path: in.To, From: source.done, Bytes: packed.size}, nil
}

// member is a block, compressed, or why there is none.
type member struct {
	data []byte
	err  error
}

// packBlocks gives a channel for each block, in the order of the file. As many are under way as there are processors.
func packBlocks(ctx context.Context, from io.Reader, level int) <-chan chan member {
	waiting := make(chan chan member, runtime.GOMAXPROCS(0))
	go func() {
		defer close(waiting)
		for isFirst := true; ; isFirst = false {
			block := make([]byte, blockSize)
			size, err := io.ReadFull(from, block)
			isEnd := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
			if size == 0 && isEnd && !isFirst {
				return
			}
			done := make(chan member, 1)
			select {
			case waiting <- done:
			case <-ctx.Done():
				return
			}
			if err != nil && !isEnd {
				done <- member{err: err}
				return
			}
			go func() { done <- pack(block[:size], level) }()
			if isEnd {
				return
			}
		}
	}()
	return waiting
}

func pack(block []byte, level int) member {
	var packed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&packed, level)
	if err == nil {
		_, err = writer.Write(block)
		err = errors.Join(err, writer.Close())
	}
	return member{data: packed.Bytes(), err: err}
}

// members reads the compressed blocks one after the other.
type members struct {
	ctx     context.Context
	waiting <-chan chan member
	rest    []byte
	size    int64
}

func (m *members) Read(into []byte) (int, error) {
	for len(m.rest) == 0 {
		if err := m.ctx.Err(); err != nil {
			return 0, err
		}
		done, isMore := <-m.waiting
		if !isMore {
			return 0, m.end()
		}
		next := <-done
		if next.err != nil {
			return 0, next.err
		}
		m.rest = next.data
	}
	size := copy(into, m.rest)
	m.rest = m.rest[size:]
	m.size += int64(size)
	return size, nil
}

// end tells a whole file from one whose reading was broken off.
func (m *members) end() error {
	if err := m.ctx.Err(); err != nil {
		return err
	}
	return io.EOF
}
