package frq

// Presence is what a worker tells of itself.
type Presence struct {
	Release   string
	Host      string
	PID       int
	Slots     int
	Running   int
	Handlers  []byte // JSON: name → JSON Schema of the parameters, or null
	StartedMS int64
}

// Fields are the fields of the hash.
func (p Presence) Fields() []any {
	return []any{"v", Minor, "lang", "go", "version", p.Release, "host", p.Host, "pid", p.PID, "slots", p.Slots,
		"running", p.Running, "handlers", p.Handlers, "started", p.StartedMS}
}
