package frq

import (
	"strconv"
	"time"
)

// DefaultGrace is how long a cancelled attempt may go on, unless the message says something else.
const DefaultGrace = 10 * time.Second

// Control is a broadcast to workers. Kinds that are not known are passed over.
type Control struct {
	Kind   string
	ID     string // of the attempt to cancel
	Worker string // whom it concerns, or "*"
	Hard   bool
	Grace  time.Duration // negative: as the worker is configured
}

// ParseControl reads the fields of an entry.
func ParseControl(fields map[string]string) Control {
	control := Control{Kind: fields["k"], ID: fields["id"], Worker: fields["w"], Hard: fields["hard"] == "1", Grace: -1}
	if control.Kind == "cancel" {
		control.Grace = DefaultGrace
	}
	if grace, err := strconv.ParseInt(fields["grace"], 10, 64); err == nil && grace >= 0 {
		control.Grace = time.Duration(min(grace, longestTimeoutMS)) * time.Millisecond
	}
	return control
}
