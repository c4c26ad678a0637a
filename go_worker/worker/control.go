package worker

import (
	"context"
	"log/slog"
	"time"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// listener hears broadcasts: cancel, pause, resume, drain.
type listener struct {
	broker frq.Broker
	name   string
	held   *held
	link   *link
	gate   *gate
	log    *slog.Logger
	drain  func(grace time.Duration)
}

func (l *listener) run(ctx context.Context) {
	var pause pause
	for ctx.Err() == nil {
		heard, err := l.broker.Control(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			l.link.fails("control", err)
			l.link.wait(ctx, &pause)
			continue
		}
		pause.reset()
		for _, control := range heard {
			l.obey(control)
		}
	}
}

func (l *listener) obey(control frq.Control) {
	if control.Kind == "cancel" {
		grace := control.Grace
		if control.Hard {
			grace = 0
		}
		cancelAttempts(l.held, control.ID, grace)
		return
	}
	if control.Worker != "*" && control.Worker != l.name {
		return
	}
	switch control.Kind {
	case "pause":
		l.gate.set(false)
	case "resume":
		l.gate.set(true)
	case "drain":
		l.drain(control.Grace)
	default:
		return
	}
	l.log.Info("told to "+control.Kind, "worker", l.name)
}
