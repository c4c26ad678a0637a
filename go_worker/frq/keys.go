package frq

import (
	"fmt"
	"regexp"
)

// Names that stand where none is given.
const (
	DefaultPrefix = "flowrun"
	DefaultQueue  = "default"
)

// Group is the consumer group of all workers of a queue.
const Group = "workers"

var (
	queueName  = regexp.MustCompile(`^[a-z0-9._-]{1,64}$`)
	prefixName = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,64}$`)
	clientName = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,100}$`)
	idName     = regexp.MustCompile(`^[A-Za-z0-9._/:-]{1,200}$`)
)

// Keys makes every Redis key of one queue. The braces keep all of them in one slot of a cluster.
type Keys struct{ stem string }

// NewKeys returns the keys of a queue, or an error if a name cannot stand in a key.
func NewKeys(prefix, queue string) (Keys, error) {
	if !queueName.MatchString(queue) {
		return Keys{}, fmt.Errorf("%q cannot be the name of a queue: 1 to 64 of a-z, 0-9, '.', '_' and '-'", queue)
	}
	if !prefixName.MatchString(prefix) {
		return Keys{}, fmt.Errorf("%q cannot be a prefix: 1 to 64 letters, digits, '.', '_', ':' and '-'", prefix)
	}
	return Keys{stem: prefix + ":{" + queue + "}"}, nil
}

// Tasks is the stream of attempts.
func (k Keys) Tasks() string { return k.stem + ":tasks" }

// Submitted holds the entry that stands for an attempt, or "done".
func (k Keys) Submitted(id string) string { return k.stem + ":d:" + id }

// Events is the stream of what became of a client's attempts.
func (k Keys) Events(client string) string { return k.stem + ":ev:" + client }

// Logs is the stream of the lines and the progress of a client's attempts.
func (k Keys) Logs(client string) string { return k.stem + ":log:" + client }

// Control is the stream of broadcasts to workers.
func (k Keys) Control() string { return k.stem + ":ctl" }

// Cancelled is the set of attempts that are to be cancelled and have not finished.
func (k Keys) Cancelled() string { return k.stem + ":cancel" }

// Dead is the stream of attempts that no worker survived, and of messages that nobody can read.
func (k Keys) Dead() string { return k.stem + ":dead" }

// Worker describes one worker while it lives.
func (k Keys) Worker(worker string) string { return k.stem + ":worker:" + worker }

// Workers is the set of workers with the time of their last heartbeat.
func (k Keys) Workers() string { return k.stem + ":workers" }

// Client is there while a scheduler is.
func (k Keys) Client(client string) string { return k.stem + ":client:" + client }

// Blob is a body that is too large for a message.
func (k Keys) Blob(sha256 string) string { return k.stem + ":blob:" + sha256 }
