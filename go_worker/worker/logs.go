package worker

import (
	"bytes"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// Limits of what an attempt says. A batch leaves when one of the first three is reached.
const (
	batchAge   = 100 * time.Millisecond
	batchLines = 256
	batchBytes = 64 << 10

	mostLogBytes  = 10 << 20 // of an attempt; then comes one line, and silence
	longestLine   = 32 << 10
	truncatedLine = "truncated"
)

// post sends a message and calls noted when it is known what became of it.
type post func(message frq.Message, noted func(frq.Written))

// said is what an attempt says: it makes batches of lines and of progress.
type said struct {
	origin frq.Origin
	post   post

	mu       sync.Mutex
	batch    frq.Lines
	size     int // bytes in the batch
	count    int // lines until now
	total    int // bytes until now
	latest   *frq.Progress
	timer    *time.Timer
	writers  map[string]*lineWriter
	isClosed bool

	underway sync.WaitGroup
	last     atomic.Pointer[string] // the entry that was written last
}

func newSaid(origin frq.Origin, post post) *said {
	return &said{origin: origin, post: post, writers: map[string]*lineWriter{}}
}

// line adds one line.
func (s *said) line(stream, level, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(stream, level, text)
}

func (s *said) add(stream, level, text string) {
	if s.isClosed || s.total > mostLogBytes {
		return
	}
	text = cut(text)
	if s.total += len(text) + 1; s.total > mostLogBytes {
		stream, level, text = "log", "WARNING", truncatedLine
	}
	if len(s.batch.Lines) > 0 && (stream != s.batch.Stream || s.size+len(text) > batchBytes) {
		s.flush()
	}
	if len(s.batch.Lines) == 0 {
		s.batch = frq.Lines{Origin: s.origin, Stream: stream, First: s.count + 1}
		s.wake()
	}
	s.count++
	s.size += len(text)
	s.batch.Lines = append(s.batch.Lines, frq.Line{TimeMS: time.Now().UnixMilli(), Level: level, Text: text})
	if len(s.batch.Lines) >= batchLines || s.size >= batchBytes {
		s.flush()
	}
}

// cut shortens a line between two characters.
func cut(text string) string {
	if len(text) <= longestLine {
		return text
	}
	end := longestLine
	for end > longestLine-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// progress keeps the latest; how often it leaves does not depend on how often a handler speaks.
func (s *said) progress(done, total int64, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed {
		return
	}
	s.latest = &frq.Progress{Origin: s.origin, Done: done, Total: total, Message: cut(message)}
	s.wake()
}

func (s *said) wake() {
	if s.timer == nil {
		s.timer = time.AfterFunc(batchAge, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.timer = nil
			s.flush()
			s.flushProgress()
		})
	}
}

func (s *said) flush() {
	if len(s.batch.Lines) > 0 {
		s.send(s.batch)
		s.batch, s.size = frq.Lines{}, 0
	}
}

func (s *said) flushProgress() {
	if s.latest != nil {
		s.send(*s.latest)
		s.latest = nil
	}
}

func (s *said) send(message frq.Message) {
	s.underway.Add(1)
	s.post(message, func(written frq.Written) {
		if written.Err == nil {
			s.last.Store(&written.Entry)
		}
		s.underway.Done()
	})
}

// close sends the rest, waits until everything is written, and gives the last entry. Whoever speaks later is not heard.
func (s *said) close() string {
	s.mu.Lock()
	for _, writer := range s.writers {
		writer.end()
	}
	s.flush()
	s.flushProgress()
	s.isClosed = true
	if s.timer != nil {
		s.timer.Stop()
	}
	s.mu.Unlock()
	s.underway.Wait()
	if last := s.last.Load(); last != nil {
		return *last
	}
	return ""
}

// silence drops what is not sent yet: the attempt belongs to another worker.
func (s *said) silence() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isClosed = true
	s.batch, s.latest = frq.Lines{}, nil
	if s.timer != nil {
		s.timer.Stop()
	}
}

// writer makes lines of what is written, the same one for a stream every time.
func (s *said) writer(stream, level string) *lineWriter {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.writers[stream]
	if !ok {
		found = &lineWriter{said: s, stream: stream, level: level}
		s.writers[stream] = found
	}
	return found
}

// lineWriter makes lines of bytes. Of a line that is too long only the beginning is kept.
type lineWriter struct {
	said          *said
	stream, level string
	open          []byte // the beginning of a line without its end
}

func (w *lineWriter) Write(data []byte) (int, error) {
	w.said.mu.Lock()
	defer w.said.mu.Unlock()
	size := len(data)
	for len(data) > 0 {
		part, rest, isLine := bytes.Cut(data, []byte("\n"))
		if room := longestLine + 1 - len(w.open); room > 0 {
			w.open = append(w.open, part[:min(len(part), room)]...)
		}
		if isLine {
			w.say()
		}
		data = rest
	}
	return size, nil
}

func (w *lineWriter) say() {
	w.said.add(w.stream, w.level, string(bytes.TrimSuffix(w.open, []byte("\r"))))
	w.open = w.open[:0]
}

func (w *lineWriter) end() {
	if len(w.open) > 0 {
		w.say()
	}
}
