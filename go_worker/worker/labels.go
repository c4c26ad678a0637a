package worker

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Labels are what a person says of a worker. They describe it only: queues decide who performs what.
type Labels map[string]string

// String is how they are given.
func (l Labels) String() string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(l)) {
		parts = append(parts, key+"="+l[key])
	}
	return strings.Join(parts, ",")
}

// Set adds those of a text such as `zone=eu,disk=ssd`; of the same key the last one counts.
func (l *Labels) Set(text string) error {
	if *l == nil {
		*l = Labels{}
	}
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		key, value, found := strings.Cut(part, "=")
		switch {
		case part == "":
		case !found || key == "":
			return fmt.Errorf("%q is not of the form KEY=VALUE", part)
		default:
			(*l)[key] = value
		}
	}
	return nil
}
