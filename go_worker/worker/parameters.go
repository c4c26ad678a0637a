package worker

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// parameters know the schema of a handler's parameters.
type parameters struct {
	text     json.RawMessage
	schema   *jsonschema.Schema
	resolved *jsonschema.Resolved
}

func parametersOf[In any]() (*parameters, error) {
	kind := reflect.TypeFor[In]()
	if kind.Kind() == reflect.Interface || kind == reflect.TypeFor[json.RawMessage]() {
		return &parameters{text: json.RawMessage("null")}, nil
	}
	schema, err := jsonschema.For[In](&jsonschema.ForOptions{TypeSchemas: ownTypes})
	if err != nil {
		return nil, err
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(schema)
	return &parameters{text: text, schema: schema, resolved: resolved}, err
}

// decode checks parameters against the schema and puts them into a variable.
func (p *parameters) decode(given json.RawMessage, into any) error {
	if p.schema == nil {
		return exactly(given, into)
	}
	var value any
	if err := exactly(given, &value); err != nil {
		return err
	}
	value = typed(p.schema, value)
	if err := p.resolved.Validate(value); err != nil {
		return errors.New(plainly(err))
	}
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return exactly(text, into)
}

// exactly keeps the digits of numbers: where a handler takes anything, it gets them as json.Number.
func exactly(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(into)
}

// plainly leaves out what the schema library says about itself.
func plainly(err error) string {
	text := strings.ReplaceAll(err.Error(), "validating root: ", "")
	return strings.ReplaceAll(text, "validating /properties/", "")
}

// typed gives numbers their Go types, as the schema checker wants them. A large integer travels as a text: where the
// schema wants an integer, it becomes one again.
func typed(schema *jsonschema.Schema, value any) any {
	switch value := value.(type) {
	case json.Number:
		return number(value)
	case string:
		if wants(schema, "integer") && !wants(schema, "string") && isLargeInteger(value) {
			return number(json.Number(value))
		}
	case []any:
		for i := range value {
			value[i] = typed(items(schema), value[i])
		}
	case map[string]any:
		for name := range value {
			value[name] = typed(property(schema, name), value[name])
		}
	}
	return value
}

func wants(schema *jsonschema.Schema, kind string) bool {
	return schema != nil && (schema.Type == kind || slices.Contains(schema.Types, kind))
}

func items(schema *jsonschema.Schema) *jsonschema.Schema {
	if schema == nil {
		return nil
	}
	return schema.Items
}

func property(schema *jsonschema.Schema, name string) *jsonschema.Schema {
	if schema == nil {
		return nil
	}
	if found, ok := schema.Properties[name]; ok {
		return found
	}
	return schema.AdditionalProperties
}

// number is exact where it can be: an integer, else a number with a point.
func number(text json.Number) any {
	if value, err := text.Int64(); err == nil {
		return value
	}
	if value, err := strconv.ParseUint(text.String(), 10, 64); err == nil {
		return value
	}
	value, err := text.Float64()
	if err != nil || math.IsInf(value, 0) {
		return fmt.Sprint(text)
	}
	return value
}

const largestSafeInteger = 1 << 53

func isLargeInteger(text string) bool {
	if value, err := strconv.ParseInt(text, 10, 64); err == nil {
		return value > largestSafeInteger || value < -largestSafeInteger
	}
	_, err := strconv.ParseUint(text, 10, 64)
	return err == nil
}
