package frq

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"time"
	"unicode/utf8"
)

// Task is one attempt as a scheduler hands it over.
type Task struct {
	Version       string
	ID            string
	Handler       string
	Client        string
	Attempt       int
	MaxDeliveries int
	Timeout       time.Duration // 0: none
	DeadlineMS    int64         // unix milliseconds, 0: none
	ContentType   string
	Body          []byte
	BodyRef       string
	TraceParent   string
	KeyID         string
	Signature     string
}

// ParseTask reads the fields of an entry. If there is an error, the task has what was read all the same:
// with an id and a client, somebody can be answered.
//
// Of an unknown major version only what an answer needs is read.
func ParseTask(fields map[string]string) (Task, error) {
	r := reader{fields: fields}
	task := Task{
		Version: cmp.Or(fields["v"], Major),
		ID:      r.matching("id", idName, "1 to 200 letters, digits and ._/:-"),
		Client:  r.matching("c", clientName, "1 to 100 letters, digits and ._:-"),
		Attempt: 1, // also where it cannot be read
	}
	if task.Version != Major {
		return task, r.err
	}
	if attempt := r.number("a", 1); r.err == nil {
		task.Attempt = int(attempt)
	}
	task.Handler = r.text("h")
	task.MaxDeliveries = int(r.number("md", 1))
	task.Timeout = time.Duration(min(r.number("to", 0), longestTimeoutMS)) * time.Millisecond
	task.DeadlineMS = r.number("dl", 0)
	task.ContentType = "json"
	if given, ok := fields["ct"]; ok {
		task.ContentType = given
	}
	task.BodyRef, task.TraceParent = fields["br"], fields["tp"]
	if task.BodyRef == "" {
		task.Body = []byte(r.text("b"))
	}
	task.KeyID, task.Signature = fields["kid"], fields["sig"]
	return task, r.err
}

// longestTimeoutMS keeps a timeout of nonsense from running over: it is thirty years.
const longestTimeoutMS = 1_000_000_000_000

var numberText = regexp.MustCompile(`^[0-9]{1,16}$`)

// reader reads fields and keeps the first error.
type reader struct {
	fields map[string]string
	err    error
}

func (r *reader) fail(name, wanted string) {
	if r.err == nil {
		r.err = fmt.Errorf("the field %q is %.80q; %s is expected", name, r.fields[name], wanted)
	}
}

func (r *reader) text(name string) string {
	value := r.fields[name]
	if value == "" || name != "b" && !utf8.ValidString(value) {
		r.fail(name, "a text")
	}
	return value
}

func (r *reader) matching(name string, pattern *regexp.Regexp, wanted string) string {
	value := r.fields[name]
	if !pattern.MatchString(value) {
		r.fail(name, wanted)
		return ""
	}
	return value
}

func (r *reader) number(name string, missing int64) int64 {
	text, ok := r.fields[name]
	if !ok {
		return missing
	}
	if !numberText.MatchString(text) {
		r.fail(name, "a number")
		return 0
	}
	value, _ := strconv.ParseInt(text, 10, 64) // 16 digits always fit
	return value
}
