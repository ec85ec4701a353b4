package trace

import (
	"strings"

	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
)

// Outcome is how an attempt or a call ended, as its caller saw it.
type Outcome uint8

// The outcomes.
const (
	OK        Outcome = iota
	Failed            // an answer came, and it was a failure
	TimedOut          // the caller's deadline passed
	Cancelled         // the caller gave up for another reason
	Rejected          // the callee said no before doing the work (full, limited)
	Refused           // nobody answered: no connection, unavailable
)

var outcomeNames = [...]string{"ok", "failed", "timed-out", "cancelled", "rejected", "refused"}

// String gives the outcome's name in lower case.
func (o Outcome) String() string { return outcomeNames[o] }

// gRPC status codes, from google.golang.org/grpc/codes; the numbers are part of
// the protocol.
const (
	grpcCanceled          = 1
	grpcDeadlineExceeded  = 4
	grpcResourceExhausted = 8
	grpcUnavailable       = 14
)

var keyExceptionType = string(semconv.ExceptionTypeKey)

// grpcNames are the codes above as newer conventions spell them.
var grpcNames = map[string]int64{
	"CANCELLED": grpcCanceled, "DEADLINE_EXCEEDED": grpcDeadlineExceeded,
	"RESOURCE_EXHAUSTED": grpcResourceExhausted, "UNAVAILABLE": grpcUnavailable,
}

// OutcomeOf reads how a span ended from its status and its attributes. A client
// error (404 and its like) is the client's business and no failure of the call;
// neither is a redirect.
func OutcomeOf(s *Span) Outcome {
	var w said
	w.read(s.Attrs)
	return w.outcome(s)
}

// TellsOutcome reports whether an attribute of this key may by itself make a span
// one that failed, as the code of an answer does.
func TellsOutcome(key string) bool {
	m, ok := meanings[key]
	return ok && (m.field == fieldHTTPStatus || m.field == fieldRPCStatus)
}

func (w *said) outcome(s *Span) Outcome {
	var http, grpc int64 = 0, -1
	if w.has(fieldHTTPStatus) {
		http, _ = w.values[fieldHTTPStatus].Int()
	}
	if w.has(fieldRPCStatus) {
		v := w.values[fieldRPCStatus]
		if code, ok := v.Int(); ok {
			grpc = code
		} else if code, ok := grpcNames[v.Str()]; ok {
			grpc = code
		}
	}
	switch {
	case http == 408 || http == 504 || grpc == grpcDeadlineExceeded:
		return TimedOut
	case http == 429 || grpc == grpcResourceExhausted:
		return Rejected
	case http == 503:
		return Rejected
	case grpc == grpcUnavailable:
		return Refused
	case grpc == grpcCanceled || http == 499:
		return Cancelled
	case http >= 500:
		return Failed
	case http >= 400:
		return OK
	case s.Status != StatusError:
		return OK
	}
	return w.outcomeOfWords(s)
}

// outcomeOfWords tells the outcomes of a failed span apart by what its error is
// called, where no status code does.
func (w *said) outcomeOfWords(s *Span) Outcome {
	words := []string{w.text(fieldErrorType), s.StatusMessage}
	for i := range s.Events {
		if v, ok := find(s.Events[i].Attrs, keyExceptionType); ok {
			words = append(words, v.Str())
		}
	}
	text := strings.ToLower(strings.Join(words, " "))
	for _, w := range outcomeWords {
		if strings.Contains(text, w.word) {
			return w.outcome
		}
	}
	return Failed
}

// outcomeWords are looked for in order.
var outcomeWords = []struct {
	word    string
	outcome Outcome
}{
	{"timeout", TimedOut}, {"timed out", TimedOut}, {"deadline", TimedOut}, {"etimedout", TimedOut},
	{"cancel", Cancelled}, {"aborted", Cancelled},
	{"rejected", Rejected}, {"too many", Rejected}, {"pool exhausted", Rejected}, {"circuit", Rejected}, {"rate limit", Rejected},
	{"refused", Refused}, {"unavailable", Refused}, {"unreachable", Refused}, {"reset by peer", Refused},
	{"econnreset", Refused}, {"no such host", Refused}, {"unknownhost", Refused},
}
