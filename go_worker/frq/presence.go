package frq

import "encoding/json"

// Presence is what a worker tells of itself.
type Presence struct {
	Release   string
	Host      string
	PID       int
	Slots     int
	Running   int
	Handlers  []byte // JSON: name → JSON Schema of the parameters, or null
	StartedMS int64
	Labels    map[string]string // what a person has said of it; no labels, no field
}

// Fields are the fields of the hash.
func (p Presence) Fields() []any {
	fields := []any{"v", Minor, "lang", "go", "version", p.Release, "host", p.Host, "pid", p.PID, "slots", p.Slots,
		"running", p.Running, "handlers", p.Handlers, "started", p.StartedMS}
	if len(p.Labels) > 0 {
		text, _ := json.Marshal(p.Labels) // texts can be written
		fields = append(fields, "labels", text)
	}
	return fields
}
