package frq

import (
	"context"
	"crypto/sha1"
	"crypto/tls"
	"embed"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// The same files as in flowrun/frq/lua.
//
//go:embed lua/*.lua
var sources embed.FS

// script is a Lua script of the protocol. Its head lists its keys, its arguments and what it gives.
type script struct{ source, digest string }

func newScript(name string) script {
	source, err := sources.ReadFile("lua/" + name + ".lua")
	if err != nil {
		panic(err)
	}
	digest := sha1.Sum(source)
	return script{source: string(source), digest: hex.EncodeToString(digest[:])}
}

var (
	announce = newScript("announce")
	beat     = newScript("beat")
	bury     = newScript("bury")
	finish   = newScript("finish")
	leave    = newScript("leave")
	reclaim  = newScript("reclaim")
	release  = newScript("release")
)

// call is a command, or a script with its keys and arguments.
type call struct {
	script *script
	keys   []string
	args   []any
}

// answer is what Redis gave for a call.
type answer struct {
	value any
	err   error
}

// send makes calls in one pipeline. Those refused because Redis does not know their script (a restart, SCRIPT FLUSH)
// are made once more, and only those.
func send(ctx context.Context, client redis.UniversalClient, calls []call) []answer {
	answers := sendOnce(ctx, client, calls)
	var refused []int
	var again []call
	for i, found := range answers {
		if isUnknownScript(found.err) {
			refused, again = append(refused, i), append(again, calls[i])
		}
	}
	if len(again) == 0 {
		return answers
	}
	for _, one := range again {
		if err := client.ScriptLoad(ctx, one.script.source).Err(); err != nil {
			for _, i := range refused {
				answers[i].err = err
			}
			return answers
		}
	}
	for i, found := range sendOnce(ctx, client, again) {
		answers[refused[i]] = found
	}
	return answers
}

func sendOnce(ctx context.Context, client redis.UniversalClient, calls []call) []answer {
	pipeline := client.Pipeline()
	commands := make([]*redis.Cmd, len(calls))
	for i, one := range calls {
		if one.script == nil {
			commands[i] = pipeline.Do(ctx, one.args...)
		} else {
			commands[i] = pipeline.EvalSha(ctx, one.script.digest, one.keys, one.args...)
		}
	}
	_, failed := pipeline.Exec(ctx)
	answers := make([]answer, len(calls))
	for i, command := range commands {
		answers[i].value, answers[i].err = command.Result()
		if answers[i].err == nil && answers[i].value == nil {
			answers[i].err = failed
		}
	}
	return answers
}

// isUnknownScript looks at the refused script once: a batch of refusals loads it once, too.
func isUnknownScript(err error) bool {
	return err != nil && strings.HasPrefix(err.Error(), "NOSCRIPT")
}

// temporary answers say no for now: memory is full, data is being loaded, a replica has not taken over yet.
var temporary = []string{"OOM", "MISCONF", "LOADING", "CLUSTERDOWN", "MASTERDOWN", "NOREPLICAS", "TRYAGAIN", "READONLY", "BUSY"}

// IsRefused reports whether Redis answered and said no for good, other than being away.
func IsRefused(err error) bool {
	var said redis.Error
	if !errors.As(err, &said) || errors.Is(err, redis.Nil) {
		return false
	}
	code, _, _ := strings.Cut(said.Error(), " ")
	return !slices.Contains(temporary, code)
}

// IsDenied reports whether Redis is there but does not let this worker in.
func IsDenied(err error) bool {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	if errors.As(err, &certificate) || errors.As(err, &record) || errors.As(err, &alert) {
		return true
	}
	if !IsRefused(err) {
		return false
	}
	said := strings.ToUpper(err.Error())
	return strings.Contains(said, "AUTH") || strings.Contains(said, "WRONGPASS") || strings.Contains(said, "NOPERM") ||
		strings.Contains(said, "CAN'T RUN THIS COMMAND") // in a script
}
