package frq

import "context"

// Broker stands between a worker and the queue.
type Broker interface {
	// Claim takes at most count attempts that nobody had yet. It waits some seconds for one, and no longer than ctx lives;
	// what was taken is returned even then.
	Claim(ctx context.Context, count int) ([]Delivery, error)
	// Reclaim takes at most count attempts whose worker has not renewed its lease.
	Reclaim(ctx context.Context, count int) ([]Delivery, error)
	// Beat renews the leases that are still held, and tells that this worker lives.
	Beat(ctx context.Context, held []Lease, presence Presence) (Beat, error)
	// Write sends messages and results in their order, all at once. What was written has an entry or is fenced;
	// an error says that it may or may not have been.
	Write(ctx context.Context, writes []Write) []Written
	// Control waits some seconds for broadcasts, and no longer than ctx lives.
	Control(ctx context.Context) ([]Control, error)
	// Release gives attempts back at once; these deliveries do not count.
	Release(ctx context.Context, held []Lease) error
	// Leave tells that this worker is gone.
	Leave(ctx context.Context) error
	// Close ends all connections.
	Close() error
}

// Lease is a worker's claim to one delivery of an attempt: its result counts only while the lease holds.
type Lease struct {
	Entry    string
	Delivery int
	ID       string
}

// Delivery is an attempt handed to this worker.
type Delivery struct {
	Lease
	Task Task
	// Verdict, if there is one, says how the attempt ends without being run.
	Verdict *Verdict
}

// Origin says which delivery of which attempt this is.
func (d Delivery) Origin() Origin {
	return Origin{ID: d.ID, Attempt: d.Task.Attempt, Delivery: d.Delivery}
}

// Verdict says how an attempt ends that is not run, and why.
type Verdict struct {
	Status  Status
	Failure Failure
	// Bury is the reason for which the message goes to the dead letters; empty: it does not.
	Bury string
}

// Beat is what a heartbeat brings back.
type Beat struct {
	Lost      []string // entries that belong to others, or to nobody any more
	Cancelled []string // ids of held attempts that are to be cancelled
}

// Write is one message to a client. With a lease, the message is the result that ends this delivery.
type Write struct {
	Client  string
	Message Message
	Lease   *Lease
	// Bury is the reason for which the task goes to the dead letters with its result. Without a client there is no result.
	Bury string
}

// Written is what became of a Write.
type Written struct {
	Entry  string // of a message; not of a result
	Fenced bool   // the lease did not hold: the result was dropped
	Err    error
}
