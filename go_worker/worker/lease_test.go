package worker

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/flowrun/flowrun/go_worker/frq"
)

func holding(t *testing.T, w *Worker, ids ...string) []*attempt {
	t.Helper()
	var found []*attempt
	for _, id := range ids {
		a := newAttempt(deliveryOf(id))
		t.Cleanup(a.end)
		if !w.held.take(a) {
			t.Fatal("there is no slot")
		}
		found = append(found, a)
	}
	return found
}

// TestFailStop: a worker that cannot renew for a whole lease stops its attempts, and beats on.
func TestFailStop(t *testing.T) {
	w, broker := fakeWorker(t, Options{Slots: 2, Lease: time.Second})
	broker.setAway(true)
	attempts := holding(t, w, "r/a/1", "r/b/1")
	w.pulse.felt(time.Now())
	defer launch(newHeartbeater(w).run)()
	for _, a := range attempts {
		<-a.hard
		if cause := context.Cause(a.ctx); !errors.Is(cause, ErrLeaseLost) || w.held.holds(a) {
			t.Errorf("%s ended with %v", a.ID, cause)
		}
	}
	if age := w.pulse.age(); age < time.Second || w.ill() == "" {
		t.Errorf("stopped after %s; ill: %q", age, w.ill())
	}
	if w.unready() == "" {
		t.Error("the worker is ready")
	}
	broker.setAway(false)
}

// TestSleeperAsksFirst: a worker that was asleep for longer than a lease keeps what Redis says is still its own.
func TestSleeperAsksFirst(t *testing.T) {
	w, broker := fakeWorker(t, Options{Slots: 2, Lease: time.Second})
	broker.beats = []frq.Beat{{Lost: []string{"r/b/1-0"}}}
	attempts := holding(t, w, "r/a/1", "r/b/1")
	w.pulse.felt(time.Now().Add(-time.Hour))
	if err := newHeartbeater(w).beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-attempts[1].hard
	if attempts[0].ctx.Err() != nil || !w.held.holds(attempts[0]) {
		t.Error("what is its own was stopped")
	}
	if w.ill() != "" {
		t.Error(w.ill())
	}
}

// TestSleeperTakesNothingFromItself: after a lease without a heartbeat its own attempts look lost, so it renews first.
func TestSleeperTakesNothingFromItself(t *testing.T) {
	w, broker := fakeWorker(t, Options{Slots: 2, Lease: time.Minute})
	reclaimer := newReclaimer(w)
	w.pulse.felt(time.Now().Add(-time.Hour))
	if reclaimer.take(t.Context()); broker.reclaims != 0 {
		t.Error("it looked for lost attempts before it had renewed its own")
	}
	if err := newHeartbeater(w).beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	if reclaimer.take(t.Context()); broker.reclaims != 1 {
		t.Error("it did not look for lost attempts")
	}
}

// TestHeartBeatsWhenRedisIsBack: who hears first that Redis is back takes attempts, and they are renewed at once.
func TestHeartBeatsWhenRedisIsBack(t *testing.T) {
	w, _ := fakeWorker(t, Options{Slots: 1, Lease: time.Minute})
	w.pulse.felt(time.Now().Add(-time.Hour))
	heart := newHeartbeater(w)
	heart.pause = pause{next: time.Hour}
	a := holding(t, w, "r/a/1")[0]
	defer launch(heart.run)()
	for w.pulse.isLate(time.Minute) {
		w.link.fails("claim", errAway)
		w.link.works()
	}
	if !w.held.holds(a) {
		t.Error("an attempt that was taken when Redis was back was stopped")
	}
}

// TestBeatCancels: an attempt that is to be cancelled hears of it with the heartbeat, and its grace is not begun anew.
func TestBeatCancels(t *testing.T) {
	w, broker := fakeWorker(t, Options{Slots: 1, Lease: time.Second})
	again := frq.Beat{Cancelled: []string{"r/a/1"}}
	broker.beats = []frq.Beat{again, again}
	a := holding(t, w, "r/a/1")[0]
	heart := newHeartbeater(w)
	for range 2 {
		if err := heart.beat(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if cause := context.Cause(a.ctx); !errors.Is(cause, ErrCancelled) {
		t.Errorf("the cause is %v", cause)
	}
	cancelAttempts(w.held, "r/a/1", 0)
	<-a.hard
}

// TestNewDeliveryEndsTheOld: a worker that takes over an attempt which it still runs stops the earlier delivery, and a
// late end of that does not give up the new lease.
func TestNewDeliveryEndsTheOld(t *testing.T) {
	w, _ := fakeWorker(t, Options{Slots: 2, Lease: time.Second})
	old := holding(t, w, "r/a/1")[0]
	w.held.loseID("r/a/1")
	<-old.hard
	next := holding(t, w, "r/a/1")[0]
	if w.held.drop(old) || !w.held.holds(next) {
		t.Error("the old delivery gave up the lease of the new one")
	}
}

// TestPauses: the pauses between failures grow from a second to a minute, and begin anew after a success.
func TestPauses(t *testing.T) {
	var p pause
	for _, wanted := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		wanted *= time.Second
		if found := p.take(); found < wanted*9/10 || found > wanted*11/10 {
			t.Errorf("the pause is %s instead of %s", found, wanted)
		}
	}
	p.reset()
	if found := p.take(); found > firstPause*11/10 {
		t.Errorf("the first pause is %s", found)
	}
}

// TestWaitEndsWhenRedisIsBack: nobody waits for the rest of a long pause.
func TestWaitEndsWhenRedisIsBack(t *testing.T) {
	w, _ := fakeWorker(t, Options{})
	w.link.fails("beat", errAway)
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.link.wait(context.Background(), &pause{next: time.Hour})
	}()
	for {
		select {
		case <-done:
			return
		default:
			w.link.fails("beat", errAway)
			w.link.works()
		}
	}
}
