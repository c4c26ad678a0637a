package frq

import (
	"bytes"
	"encoding/json"
	"math/big"
)

var safeInteger = big.NewInt(1 << 53)

// EncodeValue writes a value as JSON that every language reads alike: integers beyond 2^53 are strings.
func EncodeValue(value any) (json.RawMessage, error) {
	text, err := marshal(value)
	if err != nil {
		return nil, err
	}
	return quoteLargeIntegers(text), nil
}

// marshal leaves <, > and & as they are: nobody puts a message into a page unread.
func marshal(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}

// mustMarshal is for values that are made here, of nothing but texts, numbers and JSON that was checked.
func mustMarshal(value any) []byte {
	text, err := marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}

// shortestLarge is the number of digits of 2^53.
const shortestLarge = 16

// quoteLargeIntegers walks over the tokens; most texts have no large integer and come back untouched.
func quoteLargeIntegers(text []byte) []byte {
	var out []byte
	copied := 0
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '"':
			i = endOfString(text, i)
		case c == '-' || c >= '0' && c <= '9':
			end := endOfNumber(text, i)
			if isLargeInteger(text[i:end]) {
				out = append(out, text[copied:i]...)
				out = append(append(append(out, '"'), text[i:end]...), '"')
				copied = end
			}
			i = end
		default:
			i++
		}
	}
	if copied == 0 {
		return text
	}
	return append(out, text[copied:]...)
}

func endOfString(text []byte, start int) int {
	for i := start + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

func endOfNumber(text []byte, start int) int {
	for i := start + 1; i < len(text); i++ {
		switch c := text[i]; {
		case c >= '0' && c <= '9', c == '.', c == 'e', c == 'E', c == '+', c == '-':
		default:
			return i
		}
	}
	return len(text)
}

func isLargeInteger(number []byte) bool {
	if len(number) < shortestLarge || bytes.ContainsAny(number, ".eE") {
		return false
	}
	value, ok := new(big.Int).SetString(string(number), 10)
	return ok && value.CmpAbs(safeInteger) > 0
}
