package simulate

import (
	"math/rand/v2"

	"headwater/graph/trace"
)

// knob is a number that faults change: it starts at its base.
type knob struct{ base, value float64 }

func fixed(v float64) knob { return knob{v, v} }

// service is a service as it runs.
type service struct {
	index     int
	name      string
	spec      *serviceSpec
	ops       []*operation
	instances []*instance
	edges     []*edge // outgoing

	slow, errors, skip, workers, replicas knob

	exceptions [outcomes + 1][]trace.Event
	ownScope   *trace.Scope

	inside  gauge // requests and messages with a worker
	waiting gauge // calls that wait for a callee
	queued  gauge // requests that wait for a worker
	busy    tally // own work: how long against how long it should be
	failed  tally // own failures against visits
}

// operation is one thing that a service does.
type operation struct {
	service *service
	spec    *opSpec
	name    string
	time    dist
	steps   []step

	slow, errors, skip knob
	notFound           float64
	workflow           *workflow
	server             serverForm
}

// instance is one running copy of a service.
type instance struct {
	service *service
	index   int
	host    *host // nil: a machine of its own
	rng     *rand.Rand
	ids     *rand.Rand
	placed  int // how often it got a new pod
	pod     string
	id      string

	slow, errors, skip knob

	resource *trace.Resource
	skew     int64
	state    instanceState
	epoch    uint64 // rises when the process dies: what it did is gone
	active   []*visit
	working  int // workers in use
	queue    fifo[*attempt]
	consumed []int // messages in work, by consumer
	links    []*link
	out      exporter
}

type instanceState uint8

const (
	alive instanceState = iota
	dead                // connections are refused
	hung                // connections are taken and nothing comes back
)

// edge is a caller and what it calls. A nil caller is the users.
type edge struct {
	index   int
	caller  *service
	callee  *service
	station *station
	topic   *topic // on the station, for messages
	policy  *clientSpec

	attempts, connections, delay, lost, refused knob
	timeout, budget, fanOut, optional, fused    knob
	fuse                                        *breakerSpec // the breaker while fused is 1

	entry *entry // whose users call, where caller is nil
	book  edgeBook
	wraps bool // one span stands around all attempts
}

// link is one instance's use of an edge.
type link struct {
	edge    *edge
	rng     *rand.Rand
	turn    int // round robin over the callee's instances
	inUse   int
	waiters fifo[waiter]
	tokens  float64
	breaker breaker
}

// station is what has no spans of its own: a database, a cache, a broker or an
// external system. It works on at most parallelism requests at once.
type station struct {
	index       int
	kind        stationKind
	name        string
	spec        *stationSpec
	time        dist
	rng         *rand.Rand
	collections map[string]*collection
	users       []*service

	slow, errors, parallelism, hitRatio knob

	active  int
	waiting fifo[*attempt]
	warm    float64 // cache: the share of its usual content that it holds
	warmth  []float32
	queued  gauge
	busy    tally
}

type stationKind uint8

const (
	databaseKind stationKind = iota
	cacheKind
	brokerKind
	externalKind
)

type collection struct {
	name         string
	time         dist
	slow, errors knob
}

// address is where clients reach the station.
func (s *station) address() string {
	if s.spec.Address != "" {
		return s.spec.Address
	}
	return s.name
}

// fifo is a queue that reuses its memory.
type fifo[T any] struct {
	items []T
	head  int
}

func (q *fifo[T]) len() int { return len(q.items) - q.head }

func (q *fifo[T]) push(v T) {
	if q.head > 64 && q.head*2 > len(q.items) {
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items, q.head = q.items[:n], 0
	}
	q.items = append(q.items, v)
}

func (q *fifo[T]) pop() T {
	v := q.items[q.head]
	var zero T
	q.items[q.head] = zero
	q.head++
	return v
}
