package frq

// Message is something that a worker tells a client: an Event, Lines or Progress.
type Message interface {
	// Fields are the fields of the stream entry, name after value.
	Fields() []any
	// key is the stream of the client that the message belongs to.
	key(keys Keys, client string) string
}

// Origin says which delivery of which attempt a message is about.
type Origin struct {
	ID       string
	Attempt  int
	Delivery int
}

// Started tells that a worker has begun an attempt.
type Started struct {
	Origin
	Worker string
	TimeMS int64
}

// Fields are the fields of the stream entry.
func (s Started) Fields() []any {
	return []any{"v", Major, "k", "started", "id", s.ID, "a", s.Attempt, "d", s.Delivery, "w", s.Worker, "ts", s.TimeMS}
}

func (Started) key(keys Keys, client string) string { return keys.Events(client) }

// Result tells how an attempt ended. Its Body is made of an Answer; a large one stands under BodyRef.
type Result struct {
	Origin
	Worker  string
	TimeMS  int64
	Status  Status
	LastLog string
	Body    []byte
	BodyRef string
}

// Fields are the fields of the stream entry.
func (r Result) Fields() []any {
	fields := []any{"v", Major, "k", "result", "id", r.ID, "a", r.Attempt, "d", r.Delivery, "w", r.Worker,
		"ts", r.TimeMS, "st", string(r.Status), "lg", r.LastLog, "ct", "json"}
	if r.BodyRef != "" {
		return append(fields, "br", r.BodyRef)
	}
	return append(fields, "b", r.Body)
}

func (Result) key(keys Keys, client string) string { return keys.Events(client) }

// Line is one line that an attempt said.
type Line struct {
	TimeMS int64
	Level  string
	Text   string
}

// Lines are some lines of one stream. First is the number of the first one in its attempt, from 1.
type Lines struct {
	Origin
	Stream string // "stdout", "stderr" or "log"
	First  int
	Lines  []Line
}

// Fields are the fields of the stream entry.
func (l Lines) Fields() []any {
	return []any{"v", Major, "k", "log", "id", l.ID, "a", l.Attempt, "d", l.Delivery, "s", l.Stream, "n", l.First,
		"b", encodeLines(l.Lines)}
}

func (Lines) key(keys Keys, client string) string { return keys.Logs(client) }

func encodeLines(lines []Line) []byte {
	rows := make([][3]any, len(lines))
	for i, line := range lines {
		rows[i] = [3]any{line.TimeMS, line.Level, line.Text}
	}
	return mustMarshal(rows)
}

// Progress tells how far an attempt is. A Total of 0 means that nobody knows how much there is.
type Progress struct {
	Origin
	Done    int64
	Total   int64
	Message string
}

// Fields are the fields of the stream entry.
func (p Progress) Fields() []any {
	body := struct {
		Done    int64  `json:"done"`
		Total   *int64 `json:"total"`
		Message string `json:"message"`
	}{Done: p.Done, Message: p.Message}
	if p.Total > 0 {
		body.Total = &p.Total
	}
	return []any{"v", Major, "k", "progress", "id", p.ID, "a", p.Attempt, "d", p.Delivery, "b", mustMarshal(body)}
}

func (Progress) key(keys Keys, client string) string { return keys.Logs(client) }
