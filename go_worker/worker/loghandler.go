package worker

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
)

// logHandler makes lines of an attempt of slog records: the message, then name=value of each attribute.
type logHandler struct {
	said *said
	text slog.Handler
	into *buffer
}

// buffer takes one record at a time.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func newLogHandler(said *said) *logHandler {
	into := &buffer{}
	options := &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: withoutFrame}
	return &logHandler{said: said, into: into, text: slog.NewTextHandler(&into.text, options)}
}

// withoutFrame leaves out what a line has of its own.
func withoutFrame(groups []string, attr slog.Attr) slog.Attr {
	if len(groups) == 0 && (attr.Key == slog.TimeKey || attr.Key == slog.LevelKey || attr.Key == slog.MessageKey) {
		return slog.Attr{}
	}
	return attr
}

// Enabled is true for all levels: who reads the log chooses.
func (h *logHandler) Enabled(context.Context, slog.Level) bool { return true }

// Handle adds the line; a message of several lines becomes several.
func (h *logHandler) Handle(ctx context.Context, record slog.Record) error {
	attrs, err := h.attrs(ctx, record)
	if err != nil {
		return err
	}
	text := record.Message
	if attrs != "" {
		text += " " + attrs
	}
	for line := range strings.SplitSeq(text, "\n") {
		h.said.line("log", levelName(record.Level), line)
	}
	return nil
}

func (h *logHandler) attrs(ctx context.Context, record slog.Record) (string, error) {
	h.into.mu.Lock()
	defer h.into.mu.Unlock()
	h.into.text.Reset()
	if err := h.text.Handle(ctx, record); err != nil {
		return "", err
	}
	return strings.TrimSpace(h.into.text.String()), nil
}

// WithAttrs is a logger that says the attributes in every line.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &logHandler{said: h.said, into: h.into, text: h.text.WithAttrs(attrs)}
}

// WithGroup is a logger that puts the name of the group before attributes.
func (h *logHandler) WithGroup(name string) slog.Handler {
	return &logHandler{said: h.said, into: h.into, text: h.text.WithGroup(name)}
}

func levelName(level slog.Level) string {
	switch {
	case level < slog.LevelInfo:
		return "DEBUG"
	case level < slog.LevelWarn:
		return "INFO"
	case level < slog.LevelError:
		return "WARNING"
	case level < slog.LevelError+4:
		return "ERROR"
	}
	return "CRITICAL"
}
