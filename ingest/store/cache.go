package store

import (
	"container/list"
	"sync"

	"headwater/graph/trace"
)

// cache keeps the decoded blocks that were used last, up to a number of spans.
// Windows are derived in order of time, so that it slides along the blocks.
type cache struct {
	mu    sync.Mutex
	limit int // spans
	spans int
	used  *list.List // of cached, the last used at the front
	at    map[*block]*list.Element
}

type cached struct {
	block *block
	spans []trace.Span
}

func newCache(limit int) *cache {
	return &cache{limit: limit, used: list.New(), at: map[*block]*list.Element{}}
}

func (c *cache) get(b *block) ([]trace.Span, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.at[b]
	if !ok {
		return nil, false
	}
	c.used.MoveToFront(e)
	return e.Value.(cached).spans, true
}

func (c *cache) put(b *block, spans []trace.Span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.at[b]; ok {
		return
	}
	c.at[b] = c.used.PushFront(cached{b, spans})
	c.spans += len(spans)
	for c.spans > c.limit {
		oldest := c.used.Back()
		old := c.used.Remove(oldest).(cached)
		delete(c.at, old.block)
		c.spans -= len(old.spans)
	}
}
