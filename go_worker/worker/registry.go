package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// Bytes travel in parameters and results as {"$bytes": "<base64>"}.
type Bytes = frq.Bytes

// Registry has the functions that a worker serves, by name.
type Registry struct{ handlers map[string]handler }

// handler is a registered function, with its parameters still as JSON.
type handler struct {
	schema json.RawMessage // null for a function that takes anything
	bind   func(params json.RawMessage) (bound, error)
}

// bound is a function with its parameters, ready to be called.
type bound func(ctx context.Context, task *Task) (any, error)

// NewRegistry returns an empty registry.
func NewRegistry() *Registry { return &Registry{handlers: map[string]handler{}} }

// Handle registers a function under the name by which jobs call it.
//
// The JSON Schema of In is derived from its type: a field without `omitempty` or `omitzero` is required, a tag
// `jsonschema:"..."` describes it. Parameters that do not fit are refused before the function is called.
// What the function returns is the result of the task; any error fails the attempt, and see Permanent.
// The context ends when the attempt is cancelled, when its time is up, and when the worker must stop.
//
// A name that is taken, or an In that has no JSON form, is a mistake in the program: Handle panics.
func Handle[In, Out any](reg *Registry, name string, function func(ctx context.Context, t *Task, in In) (Out, error)) {
	if name == "" {
		panic("worker: a handler needs a name")
	}
	if _, taken := reg.handlers[name]; taken {
		panic(fmt.Sprintf("worker: two handlers are named %q", name))
	}
	params, err := parametersOf[In]()
	if err != nil {
		panic(fmt.Sprintf("worker: the parameters of %q: %v", name, err))
	}
	reg.handlers[name] = handler{
		schema: params.text,
		bind: func(given json.RawMessage) (bound, error) {
			var in In
			if err := params.decode(given, &in); err != nil {
				return nil, err
			}
			return func(ctx context.Context, task *Task) (any, error) { return function(ctx, task, in) }, nil
		},
	}
}

// Names are the names of all handlers, sorted.
func (r *Registry) Names() []string { return slices.Sorted(maps.Keys(r.handlers)) }

// Schemas is a JSON object of the handlers' names and the JSON Schemas of their parameters.
func (r *Registry) Schemas() json.RawMessage {
	schemas := make(map[string]json.RawMessage, len(r.handlers))
	for name, handler := range r.handlers {
		schemas[name] = handler.schema
	}
	text, err := json.Marshal(schemas)
	if err != nil {
		panic(err) // they were made here
	}
	return text
}

var ownTypes = map[reflect.Type]*jsonschema.Schema{
	reflect.TypeFor[Bytes](): {
		Type:       "object",
		Properties: map[string]*jsonschema.Schema{"$bytes": {Type: "string", ContentEncoding: "base64"}},
		Required:   []string{"$bytes"},
	},
}
