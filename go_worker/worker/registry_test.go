package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

type resize struct {
	Path   string             `json:"path"`
	Width  int64              `json:"width" jsonschema:"in pixels"`
	Unit   uint64             `json:"unit,omitempty"`
	Ratio  float64            `json:"ratio,omitempty"`
	Tags   []int64            `json:"tags,omitempty"`
	Sizes  map[string]int64   `json:"sizes,omitempty"`
	Data   Bytes              `json:"data,omitzero"`
	Any    any                `json:"any,omitempty"`
	Nested *struct{ N int64 } `json:"nested,omitempty"`
}

func handleResize(reg *Registry, got *resize) {
	Handle(reg, "resize", func(_ context.Context, _ *Task, in resize) (string, error) {
		*got = in
		return "", nil
	})
}

func call(t *testing.T, reg *Registry, name, params string) error {
	t.Helper()
	call, err := reg.handlers[name].bind(json.RawMessage(params))
	if err == nil {
		_, err = call(t.Context(), nil)
	}
	return err
}

// TestParameters: parameters arrive in the fields of the type, exactly, large integers and bytes too.
func TestParameters(t *testing.T) {
	var got resize
	reg := NewRegistry()
	handleResize(reg, &got)
	params := `{"path":"a.png","width":"9007199254740993","unit":"18446744073709551615","ratio":2,
		"tags":[1,"-9007199254740993"],"sizes":{"x":"9007199254740995"},"data":{"$bytes":"AP8="},
		"any":{"n":9007199254740991,"text":"9007199254740993"},"nested":{"N":"9007199254740997"}}`
	if err := call(t, reg, "resize", params); err != nil {
		t.Fatal(err)
	}
	wanted := resize{
		Path: "a.png", Width: 9007199254740993, Unit: 18446744073709551615, Ratio: 2,
		Tags: []int64{1, -9007199254740993}, Sizes: map[string]int64{"x": 9007199254740995}, Data: Bytes{0, 255},
		Any: map[string]any{"n": json.Number("9007199254740991"), "text": "9007199254740993"}, Nested: &struct{ N int64 }{9007199254740997},
	}
	if !reflect.DeepEqual(got, wanted) {
		t.Errorf("arrived: %+v", got)
	}
}

// TestBadParameters: what does not fit the schema is refused before the handler is called, with the place.
func TestBadParameters(t *testing.T) {
	for params, wanted := range map[string]string{
		`{"path":"a"}`:                              "width",
		`{"path":1,"width":1}`:                      "path",
		`{"path":"a","width":1.5}`:                  "width",
		`{"path":"a","width":"12"}`:                 "width",
		`{"path":"a","width":1,"widht":1}`:          "widht",
		`{"path":"a","width":1,"unit":-1}`:          "unit",
		`{"path":"a","width":1,"data":"AP8="}`:      "data",
		`{"path":"a","width":1,"tags":[1,"x"]}`:     "tags",
		`{"path":"a","width":99999999999999999999}`: "width",
		`[]`: "object",
	} {
		var got resize
		reg := NewRegistry()
		handleResize(reg, &got)
		err := call(t, reg, "resize", params)
		if err == nil || !strings.Contains(err.Error(), wanted) || got.Path != "" {
			t.Errorf("%s: %v", params, err)
		}
	}
}

// TestSchemas: workers tell the JSON Schema of each handler; null stands for one that takes anything.
func TestSchemas(t *testing.T) {
	reg := NewRegistry()
	handleResize(reg, &resize{})
	Handle(reg, "anything", func(_ context.Context, _ *Task, in any) (any, error) { return in, nil })
	Handle(reg, "nothing", func(context.Context, *Task, struct{}) (any, error) { return nil, nil })
	Handle(reg, "raw", func(_ context.Context, _ *Task, in json.RawMessage) (any, error) { return in, nil })
	var schemas map[string]map[string]any
	if err := json.Unmarshal(reg.Schemas(), &schemas); err != nil {
		t.Fatal(err)
	}
	if schemas["anything"] != nil || schemas["raw"] != nil || schemas["nothing"]["additionalProperties"] != false {
		t.Errorf("the schemas are %s", reg.Schemas())
	}
	if fmt.Sprint(schemas["resize"]["required"]) != "[path width]" {
		t.Errorf("required: %v", schemas["resize"]["required"])
	}
	width := schemas["resize"]["properties"].(map[string]any)["width"].(map[string]any)
	if width["type"] != "integer" || width["description"] != "in pixels" {
		t.Errorf("width: %v", width)
	}
	if err := call(t, reg, "anything", `[1,{"a":null}]`); err != nil {
		t.Error(err)
	}
}

// TestMistakesOfTheProgram: a name that is taken, or parameters without a JSON form, end the program at its start.
func TestMistakesOfTheProgram(t *testing.T) {
	for name, register := range map[string]func(*Registry){
		"resize": func(reg *Registry) { handleResize(reg, &resize{}) },
		"": func(reg *Registry) {
			Handle(reg, "", func(context.Context, *Task, struct{}) (any, error) { return nil, nil })
		},
		"chan": func(reg *Registry) {
			Handle(reg, "chan", func(context.Context, *Task, chan int) (any, error) { return nil, nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			reg := NewRegistry()
			handleResize(reg, &resize{})
			defer func() {
				if found := recover(); found == nil || !strings.Contains(fmt.Sprint(found), name) {
					t.Errorf("it panicked with %v", found)
				}
			}()
			register(reg)
		})
	}
}

// TestDurations: a duration is a number in JSON, of nanoseconds, as it is in Go.
func TestDurations(t *testing.T) {
	reg := NewRegistry()
	var got time.Duration
	Handle(reg, "wait", func(_ context.Context, _ *Task, in struct{ For time.Duration }) (any, error) {
		got = in.For
		return nil, nil
	})
	if err := call(t, reg, "wait", `{"For":1000000000}`); err != nil || got != time.Second {
		t.Errorf("%v, %v", got, err)
	}
}
