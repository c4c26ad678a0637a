package worker

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// Shared are the values that the tasks of a job share. It may be used from several goroutines.
type Shared struct {
	mu      sync.Mutex
	values  map[string]json.RawMessage
	set     map[string]json.RawMessage
	deleted map[string]bool
}

// Get reads a value into a variable. It reports whether there is one.
func (s *Shared) Get(name string, into any) (bool, error) {
	s.mu.Lock()
	value, found := s.set[name]
	if !found && !s.deleted[name] {
		value, found = s.values[name]
	}
	s.mu.Unlock()
	if !found {
		return false, nil
	}
	return true, json.Unmarshal(value, into)
}

// Set changes a value.
func (s *Shared) Set(name string, value any) error {
	text, err := frq.EncodeValue(value)
	if err != nil {
		return fmt.Errorf("the shared value %q: %w", name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.set == nil {
		s.set = map[string]json.RawMessage{}
	}
	s.set[name] = text
	delete(s.deleted, name)
	return nil
}

// Delete takes a value away.
func (s *Shared) Delete(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deleted == nil {
		s.deleted = map[string]bool{}
	}
	s.deleted[name] = true
	delete(s.set, name)
}

func (s *Shared) changes() frq.Changes {
	s.mu.Lock()
	defer s.mu.Unlock()
	changes := frq.Changes{Set: map[string]json.RawMessage{}, Deleted: []string{}}
	for name, value := range s.set {
		changes.Set[name] = value
	}
	for name := range s.deleted {
		changes.Deleted = append(changes.Deleted, name)
	}
	return changes
}
