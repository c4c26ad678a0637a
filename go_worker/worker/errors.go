package worker

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"strings"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// Permanent marks an error that another attempt would meet again: the task fails without further attempts.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Why a handler's context ended, as context.Cause tells.
var (
	ErrCancelled = errors.New("cancelled by the client")
	ErrTimeout   = errors.New("ran longer than it may")
	ErrLeaseLost = errors.New("another worker has the attempt, or will have it: the lease was lost")
	ErrDraining  = errors.New("the worker stops")
)

var errTooMuch = errors.New("too much is waiting to be sent")

// panicked is an error that a handler did not return but panicked with.
type panicked struct {
	value any
	stack []byte
}

func (p panicked) Error() string { return fmt.Sprint(p.value) }

// trace begins where the handler panicked.
func (p panicked) trace() string {
	if _, own, found := strings.Cut(string(p.stack), "\npanic("); found {
		return "panic(" + own
	}
	return string(p.stack)
}

// guard turns a panic into an error; the worker lives on.
func guard(call func() (any, error)) (value any, err error) {
	defer func() {
		if found := recover(); found != nil {
			value, err = nil, panicked{value: found, stack: debug.Stack()}
		}
	}()
	return call()
}

// told is how an error travels. One that cannot say what it is, as a nil pointer in it, counts as a panic.
func told(err error) frq.Failure {
	why, broken := guard(func() (any, error) { return failure(err), nil })
	if broken != nil {
		return failure(broken)
	}
	return why.(frq.Failure)
}

func failure(err error) frq.Failure {
	if caught := (panicked{}); errors.As(err, &caught) {
		return frq.Failure{Code: frq.CodePanic, Type: typeName(caught.value), Message: caught.Error(),
			Trace: caught.trace(), Retryable: true}
	}
	isPermanent := errors.As(err, new(permanent))
	if fixed, isOutermost := err.(permanent); isOutermost { // others are part of a sentence
		err = fixed.error
	}
	return frq.Failure{Code: frq.CodeException, Type: typeName(err), Message: err.Error(), Retryable: !isPermanent}
}

func typeName(value any) string {
	if value == nil {
		return ""
	}
	return reflect.TypeOf(value).String()
}

// interrupted says how an attempt ended whose context did.
func interrupted(ctx context.Context) (frq.Status, frq.Failure) {
	cause := context.Cause(ctx)
	if errors.Is(cause, ErrTimeout) {
		return frq.TimedOut, frq.Failure{Code: frq.CodeTimeout, Message: cause.Error(), Retryable: true}
	}
	return frq.Cancelled, frq.Failure{Code: frq.CodeCancelled, Message: cause.Error(), Retryable: true}
}
