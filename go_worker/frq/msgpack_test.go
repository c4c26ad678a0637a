package frq

import (
	"bytes"
	"strings"
	"testing"
)

// TestUnpack: every kind of MessagePack that has a form in JSON is written in it.
func TestUnpack(t *testing.T) {
	for packed, wanted := range map[string]string{
		"\x00": "0", "\x7f": "127", "\xff": "-1", "\xe0": "-32",
		"\xc0": "null", "\xc2": "false", "\xc3": "true",
		"\xcc\xff": "255", "\xcd\xff\xff": "65535", "\xce\xff\xff\xff\xff": "4294967295",
		"\xcf\xff\xff\xff\xff\xff\xff\xff\xff": "18446744073709551615",
		"\xd0\x80":                             "-128", "\xd1\x80\x00": "-32768", "\xd2\x80\x00\x00\x00": "-2147483648",
		"\xd3\x80\x00\x00\x00\x00\x00\x00\x00": "-9223372036854775808",
		"\xca\x3f\x00\x00\x00":                 "0.5",
		"\xcb\x44\x4b\x1a\xe4\xd6\xe2\xef\x50": "1e+21",
		"\xa2\xc3\xa9":                         `"é"`,
		"\xd9\x01\x22":                         `"\""`,
		"\xda\x00\x01\x3c":                     `"<"`,
		"\xdb\x00\x00\x00\x00":                 `""`,
		"\xc4\x02\x00\xff":                     `{"$bytes":"AP8="}`,
		"\xc5\x00\x00":                         `{"$bytes":""}`,
		"\xc6\x00\x00\x00\x01a":                `{"$bytes":"YQ=="}`,
		"\x90":                                 "[]",
		"\x92\x01\x91\x02":                     "[1,[2]]",
		"\xdc\x00\x01\x01":                     "[1]",
		"\xdd\x00\x00\x00\x01\x01":             "[1]",
		"\x82\xa1a\x01\xa1b\x80":               `{"a":1,"b":{}}`,
		"\xde\x00\x01\xa1a\xc0":                `{"a":null}`,
		"\xdf\x00\x00\x00\x00":                 "{}",
	} {
		found, err := unpack([]byte(packed))
		if err != nil || string(found) != wanted {
			t.Errorf("%x is %s, %v", packed, found, err)
		}
	}
}

// TestNotToBeUnpacked: what has no form in JSON is refused with the reason; nothing that comes can end the process.
func TestNotToBeUnpacked(t *testing.T) {
	for packed, wanted := range map[string]string{
		"": "too early", "\xa5abc": "too early", "\xc6\xff\xff\xff\xff": "too early", "\xdd\xff\xff\xff\xff": "too early",
		"\x81": "too early", "\x81\xa1a": "too early", "\xcd\x00": "too early",
		"\x81\x01\x01": "no text", "\xa1\xff": "UTF-8", "\xd4\x00\x00": "0xd4", "\xc1": "0xc1", "\x01\x02": "follows",
		"\xca\x7f\xc0\x00\x00":                                      "NaN",
		"\xcb\xff\xf0\x00\x00\x00\x00\x00\x00":                      "-Inf",
		strings.Repeat("\x91", 1<<20):                               "nested too deeply",
		strings.Repeat("\x81\xa1a", 1<<20):                          "nested too deeply",
		strings.Repeat("\x91", deepest) + strings.Repeat("\x91", 9): "nested too deeply",
	} {
		if found, err := unpack([]byte(packed)); err == nil || !strings.Contains(err.Error(), wanted) {
			t.Errorf("%.20x is %s, %v", packed, found, err)
		}
	}
	deep := append([]byte(`{"params":`), bytes.Repeat([]byte("["), 1<<20)...)
	if _, err := ParseBody("json", deep); err == nil {
		t.Error("JSON is nested without a limit")
	}
	if _, err := ParseBody("yaml", deep); err == nil || !strings.Contains(err.Error(), "json, msgpack") {
		t.Errorf("another type: %v", err)
	}
}

// FuzzUnpack: what can be unpacked is JSON.
func FuzzUnpack(f *testing.F) {
	f.Add([]byte("\x82\xa1a\x01\xa1b\x80"))
	f.Fuzz(func(t *testing.T, packed []byte) {
		if text, err := unpack(packed); err == nil {
			plain(t, text)
		}
	})
}
