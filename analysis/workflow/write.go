package workflow

import (
	"strings"
	"unicode"

	oldconv "go.opentelemetry.io/otel/semconv/v1.21.0"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"

	"headwater/graph/trace"
)

// set makes a set of the words of a text.
func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// writingQueries are the operations of databases and caches that change data, by
// their first word in lower case.
var writingQueries = set(`insert update delete upsert merge replace copy
	insertone insertmany updateone updatemany deleteone deletemany replaceone bulkwrite findandmodify findoneandupdate save
	putitem updateitem deleteitem batchwriteitem transactwriteitems put index bulk
	set hset hmset setnx setex psetex mset getset incr incrby decr decrby del unlink hdel hincrby lpush rpush lpop rpop sadd srem zadd zrem xadd append`)

// writingMethods are first words of the names of RPC methods that change state.
// RPC has no verbs of its own; a name is weak evidence, used only for calls
// behind which nothing is seen.
var writingMethods = set(`create add insert update set put delete remove cancel place charge refund reserve release book hold
	pay capture transfer send submit register post save write publish empty ship commit confirm void credit debit withdraw deposit`)

// undoingWords hint that a step takes another back.
var undoingWords = []string{"cancel", "release", "refund", "rollback", "revert", "undo", "void", "compensat", "unreserve", "unlock", "abort", "reverse", "restore"}

func undoingName(words ...string) bool {
	for _, w := range words {
		w = strings.ToLower(w)
		for _, u := range undoingWords {
			if strings.Contains(w, u) {
				return true
			}
		}
	}
	return false
}

// words reads attributes of the full span, where there is one.
type words struct{ span *trace.Span }

func (w words) first(keys ...string) string {
	if w.span == nil {
		return ""
	}
	for _, k := range keys {
		if v, ok := w.span.Attr(k); ok {
			if s := v.Text(); s != "" {
				return s
			}
		}
	}
	return ""
}

// query is the first word of what a database was asked, in lower case.
func (w words) query(c *trace.Class) string {
	verb := firstWord(c.Operation)
	if writingQueries[verb] || endsTransaction(verb) {
		return verb
	}
	if text := w.first(string(semconv.DBOperationNameKey), string(oldconv.DBOperationKey), string(semconv.DBQueryTextKey), string(oldconv.DBStatementKey)); text != "" {
		return firstWord(text)
	}
	return verb
}

func endsTransaction(verb string) bool { return verb == "rollback" || verb == "commit" }

func firstWord(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }); i >= 0 {
		s = s[:i]
	}
	return strings.ToLower(s)
}

// method is the HTTP method of a span, or "" where it is no HTTP.
func (w words) method(c *trace.Class) string {
	if m := w.first(string(semconv.HTTPRequestMethodKey), string(oldconv.HTTPMethodKey)); m != "" {
		return strings.ToUpper(m)
	}
	for _, s := range []string{c.Operation, c.Name} {
		for word := range strings.FieldsSeq(s) {
			switch word {
			case "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE":
				return word
			}
		}
	}
	return ""
}

func safeMethod(m string) bool { return m == "GET" || m == "HEAD" || m == "OPTIONS" || m == "TRACE" }

// request is what a caller asked for, with ids taken out of paths, and whether
// that changes state.
func (w words) request(c *trace.Class) (call string, writes bool) {
	if rpc := w.first(string(semconv.RPCMethodKey)); rpc != "" || w.first(string(semconv.RPCSystemKey)) != "" {
		if rpc == "" {
			rpc = c.Operation
		}
		return c.Operation, writingMethods[leadingWord(rpc[strings.LastIndexAny(rpc, "/.")+1:])]
	}
	m := w.method(c)
	if m == "" {
		return c.Operation, false
	}
	if strings.Contains(c.Operation, "/") {
		return c.Operation, !safeMethod(m)
	}
	path := w.first(string(semconv.URLTemplateKey), string(semconv.URLPathKey), string(oldconv.HTTPTargetKey))
	if path == "" {
		path = pathOf(w.first(string(semconv.URLFullKey), string(oldconv.HTTPURLKey)))
	}
	return strings.TrimSpace(m + " " + template(path)), !safeMethod(m)
}

// leadingWord is the first word of a name in camel case, in lower case.
func leadingWord(name string) string {
	for i, r := range name {
		if i > 0 && (unicode.IsUpper(r) || !unicode.IsLetter(r)) {
			return strings.ToLower(name[:i])
		}
	}
	return strings.ToLower(name)
}

func pathOf(url string) string {
	if at := strings.Index(url, "://"); at >= 0 {
		url = url[at+len("://"):]
		if at = strings.IndexByte(url, '/'); at < 0 {
			return ""
		}
		url = url[at:]
	}
	return url
}

// longestWord is how long a part of a path may be before it counts as an id.
const longestWord = 32

// template puts {} for the parts of a path that look like ids.
func template(path string) string {
	if at := strings.IndexAny(path, "?#"); at >= 0 {
		path = path[:at]
	}
	parts := strings.Split(path, "/")
	for i, p := range parts {
		version := len(p) > 1 && len(p) < 4 && p[0] == 'v'
		if !version && strings.ContainsAny(p, "0123456789") || len(p) > longestWord {
			parts[i] = "{}"
		}
	}
	if len(parts) > 8 {
		parts = parts[:8]
	}
	return strings.Join(parts, "/")
}

// sends reports whether a client span that speaks of a queue puts a message into
// it; a producer always does.
func (w words) sends(kind trace.Kind) bool {
	if kind == trace.KindProducer {
		return true
	}
	switch strings.ToLower(w.first(string(semconv.MessagingOperationTypeKey), string(oldconv.MessagingOperationKey))) {
	case "send", "publish", "create":
		return true
	}
	return false
}

// stateOf is how an attempt ended: a request that was answered with a client's
// error has changed nothing.
func (w words) stateOf(o trace.Outcome) state {
	switch o {
	case trace.OK:
		if code := w.first(string(semconv.HTTPResponseStatusCodeKey), string(oldconv.HTTPStatusCodeKey)); len(code) == 3 && code[0] == '4' {
			return failed
		}
		return committed
	case trace.TimedOut, trace.Cancelled:
		return unknown
	}
	return failed
}
