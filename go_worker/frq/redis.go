package frq

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	block        = 2 * time.Second // longer ones may not end in time in Redis 7.0
	longestBatch = 100
	ttl          = 24 * time.Hour
)

// Bounds of a lease. All workers of a queue should have the same.
const (
	DefaultLease  = 15 * time.Second
	ShortestLease = time.Second
	LongestLease  = 10 * time.Minute
)

// Settings say how a worker deals with a queue.
type Settings struct {
	Keys   Keys
	Worker string
	Lease  time.Duration
	// InlineLimit is the size up to which a result stands in the message.
	InlineLimit int
	// SigningKeys, if there are any, are the ones with which tasks must be signed.
	SigningKeys SigningKeys
}

// Redis is the Broker over Redis Streams.
//
// Claims and broadcasts are waited for on connections of their own, so that nothing waits behind them.
type Redis struct {
	Settings
	client, claims, control redis.UniversalClient

	claimsID   atomic.Int64 // of the connection on which claims are waited for
	hasGroup   bool         // of the claimer
	cursor     string       // of the reclaimer
	controlled string       // the last broadcast that was read
}

var _ Broker = (*Redis)(nil)

// Open makes the connections. It does not wait for Redis to be there.
func Open(address Address, settings Settings) (*Redis, error) {
	options, err := address.options()
	if err != nil {
		return nil, err
	}
	redis.SetLogger(silence{})
	r := &Redis{Settings: settings, cursor: "0-0"}
	r.client = redis.NewUniversalClient(options)
	waiting := *options
	waiting.PoolSize = 1
	r.control = redis.NewUniversalClient(&waiting)
	waiting.OnConnect = r.noteClaims
	r.claims = redis.NewUniversalClient(&waiting)
	return r, nil
}

// silence is for go-redis: its errors come back to the caller, who says them once.
type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}

// Close ends all connections.
func (r *Redis) Close() error {
	return errors.Join(ignoreClosed(r.claims.Close()), ignoreClosed(r.control.Close()), ignoreClosed(r.client.Close()))
}

func ignoreClosed(err error) error {
	if errors.Is(err, redis.ErrClosed) {
		return nil
	}
	return err
}

func (r *Redis) noteClaims(ctx context.Context, connection *redis.Conn) error {
	id, err := connection.ClientID(ctx).Result()
	if err != nil {
		id = 0
	}
	r.claimsID.Store(id)
	return nil
}

// callBack ends a claim that waits; it may be about to wait. One that cannot be called back loses its connection.
func (r *Redis) callBack(returned <-chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, isCluster := r.claims.(*redis.ClusterClient)
	for ctx.Err() == nil && !isCluster {
		if r.client.ClientUnblock(ctx, r.claimsID.Load()).Val() == 1 {
			return
		}
		select {
		case <-returned:
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
	_ = r.claims.Close()
}

// Control waits for broadcasts. The first call settles from where they are read.
func (r *Redis) Control(ctx context.Context) ([]Control, error) {
	stop := context.AfterFunc(ctx, func() { _ = r.control.Close() })
	defer stop()
	if r.controlled == "" {
		last, err := r.control.XRevRangeN(ctx, r.Keys.Control(), "+", "-", 1).Result()
		if err != nil {
			return nil, err
		}
		r.controlled = "0-0"
		if len(last) > 0 {
			r.controlled = last[0].ID
		}
	}
	streams, err := r.control.XRead(ctx, &redis.XReadArgs{
		Streams: []string{r.Keys.Control(), r.controlled}, Count: longestBatch, Block: block,
	}).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found []Control
	for _, message := range streams[0].Messages {
		r.controlled = message.ID
		found = append(found, ParseControl(texts(message.Values)))
	}
	return found, nil
}

// Beat renews leases. A worker of which Redis knows nothing says again who it is.
func (r *Redis) Beat(ctx context.Context, held []Lease, presence Presence) (Beat, error) {
	args := []any{Group, r.Worker, 3 * r.Lease.Milliseconds(), 10 * r.Lease.Milliseconds(), presence.Running}
	for _, lease := range held {
		args = append(args, lease.Entry, lease.Delivery, lease.ID)
	}
	keys := []string{r.Keys.Tasks(), r.Keys.Cancelled(), r.Keys.Worker(r.Worker), r.Keys.Workers()}
	reply, err := r.run(ctx, &beat, keys, args)
	if err != nil {
		return Beat{}, err
	}
	parts, ok := reply.([]any)
	if !ok || len(parts) != 3 {
		return Beat{}, fmt.Errorf("beat gave %v", reply)
	}
	found := Beat{Lost: list(parts[0]), Cancelled: list(parts[1])}
	if parts[2] == int64(1) {
		return found, nil
	}
	args = append([]any{r.Worker, 3 * r.Lease.Milliseconds()}, presence.Fields()...)
	_, err = r.run(ctx, &announce, []string{r.Keys.Worker(r.Worker), r.Keys.Workers()}, args)
	return found, err
}

// Release gives attempts back. They look idle to every worker of the queue, whatever its lease is.
func (r *Redis) Release(ctx context.Context, held []Lease) error {
	args := []any{Group, r.Worker, LongestLease.Milliseconds()}
	for _, lease := range held {
		args = append(args, lease.Entry, lease.Delivery)
	}
	_, err := r.run(ctx, &release, []string{r.Keys.Tasks()}, args)
	return err
}

// Leave takes this worker off the list.
func (r *Redis) Leave(ctx context.Context) error {
	keys := []string{r.Keys.Tasks(), r.Keys.Worker(r.Worker), r.Keys.Workers()}
	_, err := r.run(ctx, &leave, keys, []any{Group, r.Worker})
	return err
}

func (r *Redis) run(ctx context.Context, script *script, keys []string, args []any) (any, error) {
	found := send(ctx, r.client, []call{{script: script, keys: keys, args: args}})[0]
	return found.value, found.err
}

func (r *Redis) createGroup(ctx context.Context) error {
	err := r.client.XGroupCreateMkStream(ctx, r.Keys.Tasks(), Group, "0").Err()
	if err != nil && strings.HasPrefix(err.Error(), "BUSYGROUP") {
		return nil
	}
	return err
}

func texts(values map[string]any) map[string]string {
	found := make(map[string]string, len(values))
	for name, value := range values {
		found[name], _ = value.(string)
	}
	return found
}

func list(value any) []string {
	items, _ := value.([]any)
	found := make([]string, 0, len(items))
	for _, item := range items {
		text, _ := item.(string)
		found = append(found, text)
	}
	return found
}
