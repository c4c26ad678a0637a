package frq

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Body is what an attempt gets to work with.
type Body struct {
	Params json.RawMessage            `json:"params"`
	Shared map[string]json.RawMessage `json:"shared"`
	Run    Run                        `json:"run"`
}

// Run says where an attempt comes from.
type Run struct {
	Job         string `json:"job"`
	RunID       string `json:"run_id"`
	Task        string `json:"task"`
	MaxAttempts int    `json:"max_attempts"`
}

// ParseBody reads the body of a task, whatever its content type is.
func ParseBody(contentType string, data []byte) (Body, error) {
	var body Body
	text, err := toJSON(contentType, data)
	if err != nil {
		return body, err
	}
	if !utf8.Valid(text) {
		return body, errors.New("the body is not UTF-8")
	}
	if err := json.Unmarshal(text, &body); err != nil {
		return body, fmt.Errorf("the body is not what a task has: %w", err)
	}
	if len(body.Params) == 0 {
		body.Params = json.RawMessage("{}")
	}
	return body, nil
}

func toJSON(contentType string, data []byte) ([]byte, error) {
	switch contentType {
	case "json":
		return data, nil
	case "msgpack":
		return unpack(data)
	}
	return nil, fmt.Errorf("bodies of type %.40q cannot be read; there are: json, msgpack", contentType)
}

// Bytes travel in JSON as {"$bytes": "<base64>"}.
type Bytes []byte

type wrapped struct {
	Bytes *[]byte `json:"$bytes"`
}

// MarshalJSON writes the bytes.
func (b Bytes) MarshalJSON() ([]byte, error) {
	plain := []byte(b)
	if plain == nil {
		plain = []byte{}
	}
	return json.Marshal(wrapped{Bytes: &plain})
}

// UnmarshalJSON reads the bytes.
func (b *Bytes) UnmarshalJSON(data []byte) error {
	var found wrapped
	if err := json.Unmarshal(data, &found); err != nil || found.Bytes == nil {
		return fmt.Errorf(`bytes are written as {"$bytes": "<base64>"}, not as %.40s`, data)
	}
	*b = *found.Bytes
	return nil
}

// Answer is the body of a result.
type Answer struct {
	Value   json.RawMessage `json:"value"`
	Error   *Failure        `json:"error"`
	Shared  Changes         `json:"shared"`
	Metrics Metrics         `json:"metrics"`
}

// Failure says why an attempt is not ok.
type Failure struct {
	Code      string `json:"code"`
	Type      string `json:"type"`
	Message   string `json:"message"`
	Trace     string `json:"trace"`
	Retryable bool   `json:"retryable"`
}

// Changes are what an attempt did to the shared values.
type Changes struct {
	Set     map[string]json.RawMessage `json:"set"`
	Deleted []string                   `json:"deleted"`
}

// Metrics are what an attempt took.
type Metrics struct {
	WallMS float64 `json:"wall_ms,omitempty"`
}

// Encode is the answer as it travels.
func (a Answer) Encode() []byte {
	if a.Shared.Set == nil {
		a.Shared.Set = map[string]json.RawMessage{}
	}
	if a.Shared.Deleted == nil {
		a.Shared.Deleted = []string{}
	}
	return mustMarshal(a)
}
