package frq

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Sizes of results, unless a configuration says otherwise.
const (
	DefaultInlineLimit = 1 << 20  // up to which a result stands in its message
	HardInlineLimit    = 16 << 20 // which no configuration exceeds
	BlobLimit          = 64 << 20 // beyond which a result is not sent through Redis
)

const blobScheme = "blob:"

func blobDigest(body []byte) string {
	digest := sha256.Sum256(body)
	return hex.EncodeToString(digest[:])
}

func checkBlob(ref, body string, isThere bool) error {
	digest, isBlob := strings.CutPrefix(ref, blobScheme)
	switch {
	case !isBlob:
		return fmt.Errorf("the body is at %.100q, and only blobs can be read here", ref)
	case !isThere:
		return fmt.Errorf("the body %.100q is not in Redis any more", ref)
	case blobDigest([]byte(body)) != digest:
		return fmt.Errorf("the body %.100q was changed", ref)
	}
	return nil
}
