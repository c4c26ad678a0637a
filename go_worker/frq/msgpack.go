package frq

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
)

// deepest is how far values may be nested; that of encoding/json is the same. Without a limit, a message of nothing but
// nested lists would end the process.
const deepest = 10_000

var errCut = errors.New("it ends too early")

// unpack writes MessagePack as JSON; bytes become {"$bytes": ...}.
func unpack(data []byte) ([]byte, error) {
	u := unpacker{data: data, out: make([]byte, 0, 2*len(data))}
	err := u.value(0)
	if err == nil && len(u.data) > 0 {
		err = errors.New("something follows it")
	}
	if err != nil {
		return nil, fmt.Errorf("the body is not MessagePack as a task may have it: %w", err)
	}
	return u.out, nil
}

// unpacker takes values from the start of data and writes them at the end of out.
type unpacker struct{ data, out []byte }

func (u *unpacker) take(size uint64) ([]byte, error) {
	if uint64(len(u.data)) < size {
		return nil, errCut
	}
	taken := u.data[:size]
	u.data = u.data[size:]
	return taken, nil
}

// number takes an unsigned number of 1, 2, 4 or 8 bytes.
func (u *unpacker) number(size int) (uint64, error) {
	taken, err := u.take(uint64(size))
	if err != nil {
		return 0, err
	}
	var whole [8]byte
	copy(whole[8-size:], taken)
	return binary.BigEndian.Uint64(whole[:]), nil
}

// value takes a value by its first byte: small ones stand in it.
func (u *unpacker) value(depth int) error {
	if depth > deepest {
		return errors.New("it is nested too deeply")
	}
	first, err := u.number(1)
	if err != nil {
		return err
	}
	switch {
	case first <= 0x7f:
		u.out = strconv.AppendUint(u.out, first, 10)
		return nil
	case first >= 0xe0:
		u.out = strconv.AppendInt(u.out, int64(int8(first)), 10)
		return nil
	case first <= 0x8f:
		return u.members(first&0x0f, depth)
	case first <= 0x9f:
		return u.items(first&0x0f, depth)
	case first <= 0xbf:
		return u.text(first & 0x1f)
	}
	return u.sized(first, depth)
}

// sized takes the kinds that have a length, or a number, after the first byte.
func (u *unpacker) sized(first uint64, depth int) error {
	switch first {
	case 0xc0:
		u.out = append(u.out, "null"...)
		return nil
	case 0xc2, 0xc3:
		u.out = strconv.AppendBool(u.out, first == 0xc3)
		return nil
	}
	kind, ok := kinds[first]
	if !ok {
		return fmt.Errorf("values of kind %#x have no form in JSON", first)
	}
	number, err := u.number(kind.size)
	if err != nil {
		return err
	}
	switch kind.name {
	case 'b':
		return u.bytes(number)
	case 's':
		return u.text(number)
	case 'a':
		return u.items(number, depth)
	case 'm':
		return u.members(number, depth)
	case 'u':
		u.out = strconv.AppendUint(u.out, number, 10)
	case 'i':
		unused := 64 - 8*kind.size
		u.out = strconv.AppendInt(u.out, int64(number<<unused)>>unused, 10)
	case 'f':
		return u.float(number, kind.size)
	}
	return nil
}

type kind struct {
	name byte // bytes, string, array, map, unsigned, integer, float
	size int
}

var kinds = map[uint64]kind{
	0xc4: {'b', 1}, 0xc5: {'b', 2}, 0xc6: {'b', 4},
	0xca: {'f', 4}, 0xcb: {'f', 8},
	0xcc: {'u', 1}, 0xcd: {'u', 2}, 0xce: {'u', 4}, 0xcf: {'u', 8},
	0xd0: {'i', 1}, 0xd1: {'i', 2}, 0xd2: {'i', 4}, 0xd3: {'i', 8},
	0xd9: {'s', 1}, 0xda: {'s', 2}, 0xdb: {'s', 4},
	0xdc: {'a', 2}, 0xdd: {'a', 4}, 0xde: {'m', 2}, 0xdf: {'m', 4},
}

func (u *unpacker) float(bits uint64, size int) error {
	value := math.Float64frombits(bits)
	if size == 4 {
		value = float64(math.Float32frombits(uint32(bits)))
	}
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return fmt.Errorf("%v is no number of JSON", value)
	}
	u.out = strconv.AppendFloat(u.out, value, 'g', -1, 64)
	return nil
}

func (u *unpacker) bytes(size uint64) error {
	taken, err := u.take(size)
	u.out = append(u.out, `{"$bytes":"`...)
	u.out = base64.StdEncoding.AppendEncode(u.out, taken)
	u.out = append(u.out, `"}`...)
	return err
}

func (u *unpacker) text(size uint64) error {
	taken, err := u.take(size)
	if err != nil {
		return err
	}
	if !utf8.Valid(taken) {
		return errors.New("a text in it is not UTF-8")
	}
	u.out = append(u.out, mustMarshal(string(taken))...)
	return nil
}

func (u *unpacker) items(count uint64, depth int) error {
	u.out = append(u.out, '[')
	for i := range count {
		if i > 0 {
			u.out = append(u.out, ',')
		}
		if err := u.value(depth + 1); err != nil {
			return err
		}
	}
	u.out = append(u.out, ']')
	return nil
}

func (u *unpacker) members(count uint64, depth int) error {
	u.out = append(u.out, '{')
	for i := range count {
		if i > 0 {
			u.out = append(u.out, ',')
		}
		if len(u.data) == 0 {
			return errCut
		}
		if first := u.data[0]; first < 0xa0 || first > 0xbf && (first < 0xd9 || first > 0xdb) {
			return errors.New("a name in it is no text")
		}
		if err := u.value(depth + 1); err != nil {
			return err
		}
		u.out = append(u.out, ':')
		if err := u.value(depth + 1); err != nil {
			return err
		}
	}
	u.out = append(u.out, '}')
	return nil
}
