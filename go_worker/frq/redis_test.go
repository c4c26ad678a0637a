package frq_test

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/flowrun/flowrun/go_worker/frq"
	"github.com/flowrun/flowrun/go_worker/internal/testutil"
)

const lease = 40 * time.Millisecond

// pair is a scheduler with workers, all on a queue of their own.
type pair struct {
	*testutil.Scheduler
	t      *testing.T
	server *testutil.Server
}

func newPair(t *testing.T) pair {
	server := testutil.Start(t)
	return pair{Scheduler: testutil.NewScheduler(t, server), t: t, server: server}
}

func (p pair) broker(name string, change ...func(*frq.Settings)) *frq.Redis {
	p.t.Helper()
	settings := frq.Settings{Keys: p.Keys, Worker: name, Lease: lease, InlineLimit: 100}
	for _, one := range change {
		one(&settings)
	}
	broker, err := frq.Open(frq.Address{URL: p.server.URL()}, settings)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = broker.Close() })
	return broker
}

func (p pair) claim(broker *frq.Redis, count int) []frq.Delivery {
	p.t.Helper()
	found, err := broker.Claim(p.Context(), count)
	if err != nil {
		p.t.Fatal(err)
	}
	return found
}

// reclaim tries until something is idle for long enough.
func (p pair) reclaim(broker *frq.Redis, count int) []frq.Delivery {
	p.t.Helper()
	var found []frq.Delivery
	testutil.Eventually(p.t, "an attempt is taken over", func() bool {
		taken, err := broker.Reclaim(p.Context(), count)
		if err != nil {
			p.t.Fatal(err)
		}
		found = append(found, taken...)
		return len(found) > 0
	})
	return found
}

func (p pair) finish(broker *frq.Redis, delivery frq.Delivery, body string) frq.Written {
	p.t.Helper()
	return broker.Write(p.Context(), []frq.Write{{
		Client: delivery.Task.Client, Lease: &delivery.Lease,
		Message: frq.Result{Origin: delivery.Origin(), Worker: "w", Status: frq.OK, Body: []byte(body)},
	}})[0]
}

func (p pair) pending(entry string) (owner string, deliveries int64) {
	p.t.Helper()
	found, err := p.Redis.XPendingExt(p.Context(), &redis.XPendingExtArgs{
		Stream: p.Keys.Tasks(), Group: frq.Group, Start: entry, End: entry, Count: 1,
	}).Result()
	if err != nil {
		p.t.Fatal(err)
	}
	if len(found) == 0 {
		return "", 0
	}
	return found[0].Consumer, found[0].RetryCount
}

func body(t *testing.T, answer frq.Answer) string {
	t.Helper()
	return string(answer.Encode())
}

// TestClaimAndFinish: what is claimed is finished once, and nothing of it stays in the queue.
func TestClaimAndFinish(t *testing.T) {
	p := newPair(t)
	entry := p.Submit("r/t/1", "echo", map[string]int{"x": 1}, "to", "1500")
	broker := p.broker("w")

	found := p.claim(broker, 5)
	if len(found) != 1 || found[0].Entry != entry || found[0].Delivery != 1 || found[0].Task.Timeout != 1500*time.Millisecond {
		t.Fatalf("claimed: %+v", found)
	}
	if written := p.finish(broker, found[0], body(t, frq.Answer{Value: json.RawMessage("7")})); written.Err != nil || written.Fenced {
		t.Fatalf("finished: %+v", written)
	}
	if again := p.finish(broker, found[0], "{}"); again.Err != nil || !again.Fenced {
		t.Errorf("finished twice: %+v", again)
	}
	if result := p.Result("r/t/1"); string(result.Answer.Value) != "7" {
		t.Errorf("the result is %s", result.Answer.Value)
	}
	if length := p.Redis.XLen(p.Context(), p.Keys.Tasks()).Val(); length != 0 {
		t.Errorf("%d entries are left", length)
	}
	if seen := p.Redis.Get(p.Context(), p.Keys.Submitted("r/t/1")).Val(); seen != "done" {
		t.Errorf("the tombstone is %q", seen)
	}
}

// TestBeatKeepsOnlyWhatIsOwn: a heartbeat renews what is held, and names what others have, without taking it back.
func TestBeatKeepsOnlyWhatIsOwn(t *testing.T) {
	p := newPair(t)
	first, second := p.broker("first"), p.broker("second")
	entry := p.Submit("r/t/1", "echo", nil)
	mine := p.claim(first, 1)[0]
	taken := p.reclaim(second, 1)[0]
	if taken.Delivery != 2 {
		t.Errorf("the delivery is number %d", taken.Delivery)
	}

	beat, err := first.Beat(p.Context(), []frq.Lease{mine.Lease}, frq.Presence{})
	if err != nil || !slices.Equal(beat.Lost, []string{entry}) {
		t.Errorf("lost: %v, %v", beat.Lost, err)
	}
	if owner, count := p.pending(entry); owner != "second" || count != 2 {
		t.Errorf("it belongs to %s, delivered %d times", owner, count)
	}
	if written := p.finish(first, mine, "{}"); !written.Fenced {
		t.Errorf("a late result counts: %+v", written)
	}
	if written := p.finish(second, taken, "{}"); written.Fenced || written.Err != nil {
		t.Errorf("the right result does not count: %+v", written)
	}
}

// TestBeatTellsWhoLives: a worker is on the list with what it offers, also after Redis has forgotten it.
func TestBeatTellsWhoLives(t *testing.T) {
	p := newPair(t)
	broker := p.broker("w", func(s *frq.Settings) { s.Lease = time.Minute })
	presence := frq.Presence{Release: "1.2", Slots: 3, Handlers: []byte(`{"echo":null}`)}
	for range 2 {
		if _, err := broker.Beat(p.Context(), nil, presence); err != nil {
			t.Fatal(err)
		}
		told := p.Redis.HGetAll(p.Context(), p.Keys.Worker("w")).Val()
		if told["lang"] != "go" || told["v"] != "frq/1.0" || told["slots"] != "3" || told["handlers"] != `{"echo":null}` {
			t.Errorf("the worker tells %v", told)
		}
		p.Redis.FlushAll(p.Context())
	}
	if _, err := broker.Beat(p.Context(), nil, presence); err != nil {
		t.Fatal(err)
	}
	if names := p.Redis.ZRange(p.Context(), p.Keys.Workers(), 0, -1).Val(); !slices.Equal(names, []string{"w"}) {
		t.Errorf("alive: %v", names)
	}
	if err := broker.Leave(p.Context()); err != nil {
		t.Fatal(err)
	}
	if left := p.Redis.Exists(p.Context(), p.Keys.Workers(), p.Keys.Worker("w")).Val(); left != 0 {
		t.Errorf("%d keys stay", left)
	}
}

// TestBeatHearsOfCancellation: whoever missed the broadcast hears with the next heartbeat.
func TestBeatHearsOfCancellation(t *testing.T) {
	p := newPair(t)
	broker := p.broker("w")
	p.Submit("r/t/1", "echo", nil)
	found := p.claim(broker, 1)
	p.Cancel("r/t/1")
	beat, err := broker.Beat(p.Context(), []frq.Lease{found[0].Lease}, frq.Presence{})
	if err != nil || !slices.Equal(beat.Cancelled, []string{"r/t/1"}) || len(beat.Lost) > 0 {
		t.Errorf("heard %+v, %v", beat, err)
	}
}

// TestReleaseIsNoDelivery: what is given back is taken by others at once, whatever their lease, and counts as before.
func TestReleaseIsNoDelivery(t *testing.T) {
	p := newPair(t)
	first := p.broker("first")
	second := p.broker("second", func(s *frq.Settings) { s.Lease = time.Minute })
	entry := p.Submit("r/t/1", "echo", nil, "md", "1")
	mine := p.claim(first, 1)[0]
	if err := first.Release(p.Context(), []frq.Lease{mine.Lease}); err != nil {
		t.Fatal(err)
	}
	taken, err := second.Reclaim(p.Context(), 1)
	if err != nil || len(taken) != 1 || taken[0].Delivery != 1 || taken[0].Verdict != nil {
		t.Fatalf("taken: %+v, %v", taken, err)
	}
	if owner, count := p.pending(entry); owner != "second" || count != 1 {
		t.Errorf("it belongs to %s, delivered %d times", owner, count)
	}
}

// TestLeaveDropsNothing: a worker that still owns an entry stays a consumer, as Redis would drop the entry with it.
func TestLeaveDropsNothing(t *testing.T) {
	p := newPair(t)
	first := p.broker("first")
	entry := p.Submit("r/t/1", "echo", nil)
	p.claim(first, 1)
	if err := first.Leave(p.Context()); err != nil {
		t.Fatal(err)
	}
	if found := p.reclaim(p.broker("second"), 1); found[0].Entry != entry {
		t.Errorf("taken over: %+v", found)
	}
}

// TestReclaimFindsAll: the cursor is followed to the end, also if one call looks at few entries.
func TestReclaimFindsAll(t *testing.T) {
	p := newPair(t)
	const many = 1001
	for range many {
		p.Submit("r/t/1", "echo", nil)
	}
	p.claim(p.broker("dead"), many)
	broker := p.broker("w")
	found := map[string]bool{}
	testutil.Eventually(t, "all are taken over", func() bool {
		taken, err := broker.Reclaim(p.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range taken {
			found[one.Entry] = true
			p.finish(broker, one, "{}")
			p.Redis.XTrimMaxLen(p.Context(), p.Keys.Events(p.Client), 0)
		}
		return len(found) == many
	})
}

// TestVerdicts: what must not be run is found when it is taken, with the status and the code of the protocol.
func TestVerdicts(t *testing.T) {
	past := time.Now().Add(-time.Second).UnixMilli()
	for name, test := range map[string]struct {
		fields []any
		status frq.Status
		code   string
		bury   string
	}{
		"a later major version": {[]any{"v", "2"}, frq.Rejected, frq.CodeUnsupportedVersion, ""},
		"no number":             {[]any{"a", "two"}, frq.Rejected, frq.CodeUnreadable, frq.CodeUnreadable},
		"nobody to answer":      {[]any{"c", ""}, "", frq.CodeUnreadable, frq.CodeUnreadable},
		"too late":              {[]any{"dl", past}, frq.Expired, frq.CodeDeadline, ""},
		"a body elsewhere":      {[]any{"br", "https://example.org"}, frq.Rejected, frq.CodeUnreadable, ""},
		"a body that is gone":   {[]any{"br", "blob:" + strings.Repeat("0", 64)}, frq.Rejected, frq.CodeUnreadable, ""},
		"no signature":          {[]any{"sig", ""}, frq.Rejected, frq.CodeBadSignature, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t)
			p.Submit("r/t/1", "echo", nil, test.fields...)
			broker := p.broker("w", func(s *frq.Settings) {
				if test.code == frq.CodeBadSignature {
					s.SigningKeys = frq.SigningKeys{"k": []byte("a key of sixteen")}
				}
			})
			found := p.claim(broker, 1)[0].Verdict
			if found == nil || found.Status != test.status || found.Failure.Code != test.code || found.Bury != test.bury {
				t.Errorf("the verdict is %+v", found)
			}
		})
	}
}

// TestNobodyWaits: an old entry whose client is gone is not begun; one whose client lives is.
func TestNobodyWaits(t *testing.T) {
	p := newPair(t)
	p.Submit("r/t/1", "echo", nil)
	p.Submit("r/t/2", "echo", nil, "c", "gone")
	broker := p.broker("w", func(s *frq.Settings) { s.Lease = time.Millisecond })
	time.Sleep(5 * time.Millisecond) // the entries become older than a lease
	found := p.claim(broker, 2)
	if found[0].Verdict != nil {
		t.Errorf("the verdict of the one is %+v", found[0].Verdict)
	}
	if verdict := found[1].Verdict; verdict == nil || verdict.Status != frq.Expired || verdict.Failure.Code != frq.CodeClientGone {
		t.Errorf("the verdict of the other is %+v", verdict)
	}
}

// TestPoison: what killed its worker too often goes to the dead letters with a result, once.
func TestPoison(t *testing.T) {
	p := newPair(t)
	entry := p.Submit("r/t/1", "echo", nil, "md", "1")
	p.claim(p.broker("first"), 1)
	broker := p.broker("second", func(s *frq.Settings) { s.InlineLimit = frq.DefaultInlineLimit })
	taken := p.reclaim(broker, 1)[0]
	if taken.Verdict == nil || taken.Verdict.Status != frq.Lost {
		t.Fatalf("the verdict is %+v", taken.Verdict)
	}
	write := frq.Write{Client: taken.Task.Client, Lease: &taken.Lease, Bury: taken.Verdict.Bury, Message: frq.Result{
		Origin: taken.Origin(), Worker: "second", Status: taken.Verdict.Status, Body: frq.Answer{Error: &taken.Verdict.Failure}.Encode(),
	}}
	written := broker.Write(p.Context(), []frq.Write{write, write})
	if written[0].Fenced || written[0].Err != nil || !written[1].Fenced {
		t.Errorf("written: %+v", written)
	}
	if result := p.Result("r/t/1"); result.Status != frq.Lost || result.Answer.Error.Code != frq.CodeMaxDeliveries {
		t.Errorf("the result is %+v", result)
	}
	dead := p.Redis.XRange(p.Context(), p.Keys.Dead(), "-", "+").Val()
	if len(dead) != 1 || dead[0].Values["reason"] != frq.CodeMaxDeliveries || dead[0].Values["entry"] != entry || dead[0].Values["h"] != "echo" {
		t.Errorf("dead letters: %+v", dead)
	}
}

// TestUnreadableIsPutAside: a message of nobody leaves the queue for the dead letters.
func TestUnreadableIsPutAside(t *testing.T) {
	p := newPair(t)
	p.Add("foo", "bar")
	broker := p.broker("w")
	taken := p.claim(broker, 1)[0]
	written := broker.Write(p.Context(), []frq.Write{{Lease: &taken.Lease, Bury: taken.Verdict.Bury}})
	if written[0].Err != nil || written[0].Fenced {
		t.Errorf("written: %+v", written)
	}
	if dead := p.Redis.XLen(p.Context(), p.Keys.Dead()).Val(); dead != 1 {
		t.Errorf("%d dead letters", dead)
	}
	if length := p.Redis.XLen(p.Context(), p.Keys.Tasks()).Val(); length != 0 {
		t.Errorf("%d entries are left", length)
	}
}

// TestCancelledWhileLost: a cancelled attempt is not begun by the worker that takes it over.
func TestCancelledWhileLost(t *testing.T) {
	p := newPair(t)
	p.Submit("r/t/1", "echo", nil)
	p.claim(p.broker("first"), 1)
	p.Cancel("r/t/1")
	taken := p.reclaim(p.broker("second"), 1)[0]
	if taken.Verdict == nil || taken.Verdict.Status != frq.Cancelled {
		t.Errorf("the verdict is %+v", taken.Verdict)
	}
}

// TestBlobs: large bodies and results travel apart, and a changed one is found out.
func TestBlobs(t *testing.T) {
	p := newPair(t)
	text := `{"params":{"x":1}}`
	const digest = "f4c8bb2bcb0bd2b2ea7b0b6ed9ffd2d7ad4ad1d6a1a7d4d2ef3b2de1b6a1d111" // of something else
	p.Redis.Set(p.Context(), p.Keys.Blob(digest), text, time.Minute)
	p.Submit("r/t/1", "echo", nil, "br", "blob:"+digest)
	broker := p.broker("w")
	taken := p.claim(broker, 1)[0]
	if taken.Verdict == nil || !strings.Contains(taken.Verdict.Failure.Message, "changed") {
		t.Errorf("the verdict is %+v", taken.Verdict)
	}
	large := `{"value":"` + strings.Repeat("x", 200) + `"}`
	if written := p.finish(broker, taken, large); written.Err != nil || written.Fenced {
		t.Fatalf("written: %+v", written)
	}
	ref := p.Result("r/t/1").Fields["br"]
	found := p.Redis.Get(p.Context(), p.Keys.Blob(strings.TrimPrefix(ref, "blob:"))).Val()
	if found != large {
		t.Errorf("the result is at %q, with %q", ref, found)
	}
	p.Submit("r/t/2", "echo", nil, "br", ref)
	if taken := p.claim(broker, 1)[0]; taken.Verdict != nil || string(taken.Task.Body) != large {
		t.Errorf("the body is %q, the verdict %+v", taken.Task.Body, taken.Verdict)
	}
}

// TestScriptsAreLoadedAgain: after SCRIPT FLUSH only the refused calls are repeated.
func TestScriptsAreLoadedAgain(t *testing.T) {
	p := newPair(t)
	for _, id := range []string{"r/t/1", "r/t/2"} {
		p.Submit(id, "echo", nil)
	}
	broker := p.broker("w")
	taken := p.claim(broker, 2)
	p.Redis.ScriptFlush(p.Context())
	var writes []frq.Write
	for _, one := range taken {
		writes = append(writes,
			frq.Write{Client: one.Task.Client, Message: frq.Started{Origin: one.Origin(), Worker: "w"}},
			frq.Write{Client: one.Task.Client, Lease: &one.Lease, Message: frq.Result{Origin: one.Origin(), Status: frq.OK, Body: []byte("{}")}})
	}
	for i, written := range broker.Write(p.Context(), writes) {
		if written.Err != nil || written.Fenced {
			t.Errorf("write %d: %+v", i, written)
		}
	}
	for _, id := range []string{"r/t/1", "r/t/2"} {
		if result := p.Result(id); result.Started != 1 {
			t.Errorf("%s was started %d times", id, result.Started)
		}
	}
}

// TestWhatIsToldToNobodyGoes: a worker that wakes up late tells of a start to a client that has long ended. The stream
// stays for a day only.
func TestWhatIsToldToNobodyGoes(t *testing.T) {
	p := newPair(t)
	origin := frq.Origin{ID: "gone/t/1", Attempt: 1, Delivery: 1}
	p.broker("w").Write(p.Context(), []frq.Write{{Client: "gone", Message: frq.Started{Origin: origin, Worker: "w"}}})
	if left := p.Redis.PTTL(p.Context(), p.Keys.Events("gone")).Val(); left <= 0 {
		t.Errorf("the stream stays for %v", left)
	}
}

// TestQueueIsMadeAgain: after FLUSHALL the group is created by whoever comes first.
func TestQueueIsMadeAgain(t *testing.T) {
	p := newPair(t)
	broker := p.broker("w")
	p.Submit("r/t/1", "echo", nil)
	p.claim(broker, 1)
	p.Redis.FlushAll(p.Context())
	p.Submit("r/t/2", "echo", nil)
	if found := append(p.claim(broker, 1), p.claim(broker, 1)...); len(found) != 1 || found[0].ID != "r/t/2" {
		t.Errorf("claimed: %+v", found)
	}
}

// TestClaimIsCalledBack: a claim that waits ends with its context, long before it would by itself.
func TestClaimIsCalledBack(t *testing.T) {
	p := newPair(t)
	broker := p.broker("w")
	ctx, cancel := context.WithCancel(p.Context())
	done := make(chan error, 1)
	go func() {
		_, err := broker.Claim(ctx, 1)
		done <- err
	}()
	testutil.Eventually(t, "the claim waits", func() bool {
		return strings.Contains(p.Redis.ClientList(p.Context()).Val(), "cmd=xreadgroup")
	})
	cancel()
	if err := <-done; err != nil {
		t.Errorf("the claim ended with %v", err)
	}
}

// TestBroadcasts: a worker hears what was said since it listens, and nothing from before.
func TestBroadcasts(t *testing.T) {
	p := newPair(t)
	p.Tell("k", "pause", "w", "*")
	broker := p.broker("w")
	ctx, cancel := context.WithCancel(p.Context())
	defer cancel()
	heard := make(chan frq.Control)
	go func() {
		defer close(heard)
		for ctx.Err() == nil {
			found, _ := broker.Control(ctx)
			for _, one := range found {
				heard <- one
			}
		}
	}()
	testutil.Eventually(t, "it listens", func() bool {
		return strings.Contains(p.Redis.ClientList(p.Context()).Val(), "cmd=xread ")
	})
	p.Tell("k", "cancel", "id", "r/t/1", "grace", "250")
	if found := <-heard; found.Kind != "cancel" || found.ID != "r/t/1" || found.Grace != 250*time.Millisecond {
		t.Errorf("heard %+v", found)
	}
	cancel()
	if more, ok := <-heard; ok {
		t.Errorf("heard %+v, too", more)
	}
}

// TestEveryScriptIsUnderstood: Redis takes each file as a script, also those that only schedulers call.
func TestEveryScriptIsUnderstood(t *testing.T) {
	p := newPair(t)
	files, err := filepath.Glob("lua/*.lua")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no scripts")
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Redis.ScriptLoad(p.Context(), string(source)).Err(); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestDenied: a wrong password is told from a server that is away.
func TestDenied(t *testing.T) {
	server := testutil.Start(t, "--requirepass", "secret")
	for url, wanted := range map[string]bool{
		"redis://:wrong@" + server.Address(): true, server.URL(): true, "redis://127.0.0.1:1": false,
	} {
		if err := beatAt(t, url); err == nil || frq.IsDenied(err) != wanted {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// TestStrangers: a server that nobody vouches for is refused with the cause, and one that hangs up on plain text may
// speak TLS.
func TestStrangers(t *testing.T) {
	stranger := httptest.NewUnstartedServer(nil)
	stranger.Config.ErrorLog = log.New(io.Discard, "", 0)
	stranger.StartTLS()
	defer stranger.Close()
	if err := beatAt(t, "rediss://"+stranger.Listener.Addr().String()); !frq.IsDenied(err) || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a stranger: %v", err)
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = connection.Read(make([]byte, 1))
			_ = connection.Close()
		}
	}()
	address := frq.Address{URL: "redis://" + listener.Addr().String()}
	if err := address.Explain(io.EOF); !strings.Contains(err.Error(), "rediss://") {
		t.Errorf("explained: %v", err)
	}
	if err := address.Explain(beatAt(t, address.URL)); err == nil || frq.IsDenied(err) {
		t.Errorf("who hangs up: %v", err)
	}
}

func beatAt(t *testing.T, url string) error {
	t.Helper()
	keys, err := frq.NewKeys(frq.DefaultPrefix, "q")
	if err != nil {
		t.Fatal(err)
	}
	broker, err := frq.Open(frq.Address{URL: url}, frq.Settings{Keys: keys, Worker: "w", Lease: lease})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = broker.Close() }()
	_, err = broker.Beat(t.Context(), nil, frq.Presence{})
	return err
}
