package frq

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
)

const shortestKey = 16

// SigningKeys are the keys with which tasks may be signed, by their ids. Without any, signatures are not looked at.
type SigningKeys map[string][]byte

// ReadSigningKeys reads a file with one key a line. Several are for the time in which a key is changed.
func ReadSigningKeys(path string) (SigningKeys, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	keys := SigningKeys{}
	for line := range bytes.Lines(data) {
		key := bytes.TrimSpace(line)
		if len(key) == 0 || key[0] == '#' {
			continue
		}
		if len(key) < shortestKey {
			return nil, fmt.Errorf("%s: a key has %d characters; at least %d are needed", path, len(key), shortestKey)
		}
		keys[keyID(key)] = key
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%s: there is no key in it; write one a line, each of at least %d characters", path, shortestKey)
	}
	return keys, nil
}

// Accept reports whether the fields of a task are signed with one of the keys.
func (k SigningKeys) Accept(fields map[string]string) bool {
	key, ok := k[fields["kid"]]
	return ok && isSigned(key, fields)
}

func keyID(key []byte) string {
	digest := sha256.Sum256(append([]byte("flowrun key "), key...))
	return hex.EncodeToString(digest[:8])
}

func isSigned(key []byte, fields map[string]string) bool {
	digest := hmac.New(sha256.New, key)
	digest.Write(signedMessage(fields))
	return hmac.Equal([]byte(hex.EncodeToString(digest.Sum(nil))), []byte(fields["sig"]))
}

var signedFields = []string{"v", "id", "h", "c", "a", "md", "to", "dl", "ct"}

// signedMessage puts the length of each field in front of it, so that the end of one is not the start of the next.
// Last comes the body that is read: that of the reference, if there is one.
func signedMessage(fields map[string]string) []byte {
	var message []byte
	add := func(value string) {
		message = binary.BigEndian.AppendUint32(message, uint32(len(value)))
		message = append(message, value...)
	}
	for _, name := range signedFields {
		add(fields[name])
	}
	if ref, ok := fields["br"]; ok {
		add(ref)
	} else {
		add(fields["b"])
	}
	return message
}
