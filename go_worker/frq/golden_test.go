package frq

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// golden is a file of tests/protocol; its README says what the members mean.
type golden struct {
	Name    string                     `json:"name"`
	Kind    string                     `json:"kind"`
	Claim   string                     `json:"claim"`
	Fields  map[string]json.RawMessage `json:"fields"`
	Decoded map[string]any             `json:"decoded"`
	Exact   bool                       `json:"exact"`
	Prefix  string                     `json:"prefix"`
	Queue   string                     `json:"queue"`
	ID      string                     `json:"id"`
	Client  string                     `json:"client"`
	Worker  string                     `json:"worker"`
	SHA256  string                     `json:"sha256"`
	Keys    map[string]string          `json:"keys"`
	Good    []string                   `json:"good"`
	Bad     []string                   `json:"bad"`
	Key     json.RawMessage            `json:"key"`
	Signed  json.RawMessage            `json:"signed"`
	IsValid bool                       `json:"is_valid"`
	Value   any                        `json:"value"`
	Encoded *string                    `json:"encoded"`
}

var examiners = map[string]func(*testing.T, golden){
	"task":      examineTask,
	"event":     examineEvent,
	"log":       examineLog,
	"control":   examineControl,
	"dead":      func(*testing.T, golden) {}, // written by a script, read by schedulers
	"worker":    examineWorker,
	"keys":      examineKeys,
	"names":     examineNames,
	"signature": examineSignature,
	"value":     examineValue,
}

// TestGolden: messages mean to this side what they mean to the Python side.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("../../tests/protocol/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no golden messages: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			var found golden
			decode(t, must[[]byte](t)(os.ReadFile(file)), &found)
			examine, ok := examiners[found.Kind]
			if !ok {
				t.Fatalf("nobody knows how to examine a %s", found.Kind)
			}
			examine(t, found)
		})
	}
}

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		t.Fatal(err)
	}
}

// text is a text, or the bytes that stand for one.
func text(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	var plain string
	if json.Unmarshal(raw, &plain) == nil {
		return plain
	}
	var wrapped Bytes
	decode(t, raw, &wrapped)
	return string(wrapped)
}

func (g golden) texts(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for name, raw := range g.Fields {
		found[name] = text(t, raw)
	}
	return found
}

func examineTask(t *testing.T, g golden) {
	task, err := ParseTask(g.texts(t))
	if g.Decoded == nil {
		if err == nil {
			t.Errorf("it was read: %+v", task)
		}
		return
	}
	if wanted, isRefused := g.Decoded["refused"]; isRefused {
		found := (&Redis{}).receive("1-1", 1, g.texts(t))
		if found.Verdict == nil || found.Verdict.Status != Rejected || found.Verdict.Failure.Code != wanted {
			t.Errorf("%s: the verdict is %+v", g.Claim, found.Verdict)
		}
		g.compare(t, map[string]any{"id": task.ID, "client": task.Client})
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]any{
		"version": json.Number(task.Version), "id": task.ID, "handler": task.Handler, "client": task.Client, "attempt": task.Attempt,
		"max_deliveries": task.MaxDeliveries, "timeout_ms": task.Timeout.Milliseconds(), "deadline_ms": task.DeadlineMS,
		"content_type": task.ContentType, "body_ref": task.BodyRef, "traceparent": task.TraceParent,
		"key_id": task.KeyID, "signature": task.Signature, "body": nil,
	}
	body, err := ParseBody(task.ContentType, task.Body)
	if _, isWrong := g.Decoded["body_error"]; isWrong {
		found["body_error"] = err != nil
	} else if task.BodyRef == "" && task.Version == Major {
		if err != nil {
			t.Fatal(err)
		}
		found["body"] = map[string]any{"params": body.Params, "shared": body.Shared, "run": g.run(body.Run)}
	}
	g.compare(t, found)
}

// run leaves out what the message left out.
func (g golden) run(run Run) any {
	body, _ := g.Decoded["body"].(map[string]any)
	if wanted, _ := body["run"].(map[string]any); len(wanted) == 0 {
		return map[string]any{}
	}
	return run
}

// compare looks at what is wanted; more may be found.
func (g golden) compare(t *testing.T, found map[string]any) {
	t.Helper()
	for name, wanted := range g.Decoded {
		value, ok := found[name]
		if !ok {
			continue
		}
		if !sameJSON(t, value, wanted) {
			t.Errorf("%s: %s is %s; %s is wanted", g.Claim, name, mustMarshal(value), mustMarshal(wanted))
		}
	}
}

func sameJSON(t *testing.T, one, other any) bool {
	t.Helper()
	return reflect.DeepEqual(plain(t, mustMarshal(one)), plain(t, mustMarshal(other)))
}

// plain compares numbers by value: 0.5 and 5e-1 are one.
func plain(t *testing.T, text []byte) any {
	t.Helper()
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// examineEvent builds what a worker writes; schedulers read events, and they are not written in Go.
func examineEvent(t *testing.T, g golden) {
	fields := g.texts(t)
	if !g.Exact || fields["ct"] == "msgpack" {
		return
	}
	origin, number := g.origin(t), g.number(t)
	if fields["k"] == "started" {
		g.wrote(t, Started{Origin: origin, Worker: fields["w"], TimeMS: number("time_ms")})
		return
	}
	result := Result{
		Origin: origin, Worker: fields["w"], TimeMS: number("time_ms"),
		Status: Status(fields["st"]), LastLog: fields["lg"], BodyRef: fields["br"],
	}
	var answer Answer
	decode(t, mustMarshal(map[string]any{
		"value": g.Decoded["value"], "error": g.Decoded["error"], "shared": g.Decoded["shared"], "metrics": g.Decoded["metrics"],
	}), &answer)
	result.Body = answer.Encode()
	g.wrote(t, result)
}

func (g golden) origin(t *testing.T) Origin {
	number := g.number(t)
	return Origin{ID: g.Decoded["id"].(string), Attempt: int(number("attempt")), Delivery: int(number("delivery"))}
}

func (g golden) number(t *testing.T) func(name string) int64 {
	return func(name string) int64 {
		t.Helper()
		return must[int64](t)(g.Decoded[name].(json.Number).Int64())
	}
}

// wrote compares the fields of a message; a body may order its members differently, and leave out metrics.
func (g golden) wrote(t *testing.T, message Message) {
	t.Helper()
	g.wroteFields(t, message.Fields())
}

func (g golden) wroteFields(t *testing.T, fields []any) {
	t.Helper()
	found := map[string]string{}
	for i := 0; i < len(fields); i += 2 {
		value := fmt.Sprint(fields[i+1])
		if data, ok := fields[i+1].([]byte); ok {
			value = string(data)
		}
		found[fields[i].(string)] = value
	}
	for name, wanted := range g.texts(t) {
		if name == "b" || name == "handlers" {
			one, other := plain(t, []byte(found[name])), plain(t, []byte(wanted))
			withoutMetrics(one)
			withoutMetrics(other)
			if !reflect.DeepEqual(one, other) {
				t.Errorf("%s: %s is %s; %s is wanted", g.Claim, name, found[name], wanted)
			}
			continue
		}
		sameText(t, name, found[name], wanted)
	}
	if len(found) != len(g.Fields) {
		t.Errorf("%s: the fields are %v", g.Claim, found)
	}
}

func withoutMetrics(body any) {
	if members, ok := body.(map[string]any); ok {
		delete(members, "metrics")
	}
}

func examineLog(t *testing.T, g golden) {
	if !g.Exact {
		return // read by schedulers only
	}
	number := g.number(t)
	if g.Decoded["kind"] == "progress" {
		g.wrote(t, Progress{
			Origin: g.origin(t), Done: number("done"), Total: number("total"), Message: g.Decoded["message"].(string),
		})
		return
	}
	lines := Lines{Origin: g.origin(t), Stream: g.Decoded["stream"].(string), First: int(number("first_line"))}
	for _, row := range g.Decoded["lines"].([]any) {
		parts := row.([]any)
		lines.Lines = append(lines.Lines, Line{
			TimeMS: must[int64](t)(parts[0].(json.Number).Int64()), Level: parts[1].(string), Text: parts[2].(string),
		})
	}
	g.wrote(t, lines)
}

func examineControl(t *testing.T, g golden) {
	control := ParseControl(g.texts(t))
	g.compare(t, map[string]any{
		"kind": control.Kind, "id": control.ID, "worker": control.Worker, "hard": control.Hard,
		"grace_ms": control.Grace / time.Millisecond,
	})
}

func examineWorker(t *testing.T, g golden) {
	number := g.number(t)
	handlers := mustMarshal(g.Decoded["handlers"])
	labels := map[string]string{}
	if given, ok := g.Decoded["labels"].(map[string]any); ok {
		for key, value := range given {
			labels[key] = value.(string)
		}
	}
	g.wroteFields(t, Presence{
		Release: g.Decoded["release"].(string), Host: g.Decoded["host"].(string), PID: int(number("pid")),
		Slots: int(number("slots")), Running: int(number("running")), Handlers: handlers, StartedMS: number("started_ms"),
		Labels: labels,
	}.Fields())
}

func examineKeys(t *testing.T, g golden) {
	keys := must[Keys](t)(NewKeys(g.Prefix, g.Queue))
	found := map[string]string{
		"tasks": keys.Tasks(), "control": keys.Control(), "cancelled": keys.Cancelled(), "dead": keys.Dead(),
		"workers": keys.Workers(), "submitted": keys.Submitted(g.ID), "events": keys.Events(g.Client),
		"logs": keys.Logs(g.Client), "client": keys.Client(g.Client), "worker": keys.Worker(g.Worker), "blob": keys.Blob(g.SHA256),
	}
	if !reflect.DeepEqual(found, g.Keys) {
		t.Errorf("the keys are %v; %v are wanted", found, g.Keys)
	}
}

func examineNames(t *testing.T, g golden) {
	isAllowed := idName.MatchString
	switch g.Name {
	case "numbers":
		isAllowed = numberText.MatchString
	case "queue-names":
		isAllowed = func(name string) bool {
			_, err := NewKeys(DefaultPrefix, name)
			return err == nil
		}
	}
	for _, name := range g.Good {
		if !isAllowed(name) {
			t.Errorf("%q is refused", name)
		}
	}
	for _, name := range g.Bad {
		if isAllowed(name) {
			t.Errorf("%q is allowed", name)
		}
	}
}

func examineSignature(t *testing.T, g golden) {
	fields := g.texts(t)
	if found := isSigned([]byte(text(t, g.Key)), fields); found != g.IsValid {
		t.Errorf("%s: valid is %v", g.Claim, found)
	}
	if g.Signed != nil {
		sameText(t, "what is signed", string(signedMessage(fields)), text(t, g.Signed))
	}
}

func examineValue(t *testing.T, g golden) {
	found, err := EncodeValue(own(t, g.Value))
	if g.Encoded == nil {
		if err == nil {
			t.Errorf("%s: it was written as %s", g.Claim, found)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	sameText(t, "the value", string(found), *g.Encoded)
}

// own is a value in the types of this language.
func own(t *testing.T, value any) any {
	t.Helper()
	switch value := value.(type) {
	case []any:
		for i := range value {
			value[i] = own(t, value[i])
		}
	case map[string]any:
		if digits, ok := value["$int"].(string); ok {
			number, _ := new(big.Int).SetString(digits, 10)
			return number
		}
		if name, ok := value["$float"].(string); ok {
			return map[string]float64{"nan": math.NaN(), "inf": math.Inf(1), "-inf": math.Inf(-1)}[name]
		}
		if data, ok := value["$bytes"].(string); ok {
			return Bytes(must[[]byte](t)(base64.StdEncoding.DecodeString(data)))
		}
		for name := range value {
			value[name] = own(t, value[name])
		}
	}
	return value
}

// TestScriptsAreThoseOfPython: both languages have the same files.
func TestScriptsAreThoseOfPython(t *testing.T) {
	files, err := filepath.Glob("../../flowrun/frq/lua/*.lua")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no scripts of the Python side: %v", err)
	}
	own := must[[]string](t)(filepath.Glob("lua/*.lua"))
	if len(own) != len(files) {
		t.Errorf("there are %d scripts here and %d there", len(own), len(files))
	}
	for _, file := range files {
		here := must[[]byte](t)(os.ReadFile(filepath.Join("lua", filepath.Base(file))))
		there := must[[]byte](t)(os.ReadFile(file))
		sameText(t, file, string(here), string(there))
	}
}
