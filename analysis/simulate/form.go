package simulate

import (
	"strconv"
	"strings"

	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"

	"headwater/graph/trace"
)

// clientForm is what the caller's side of a step looks like in spans.
type clientForm struct {
	name    string
	kind    trace.Kind
	scope   *trace.Scope
	attrs   [outcomes + 1][]trace.Attr // by outcome
	status  [outcomes + 1]trace.StatusCode
	message [outcomes + 1]string
	url     int    // place of the attribute that the request's own URL goes to
	path    string // template of the URL's path, if it differs by request
	base    string // what stands before the path
	resend  string // key of the resend count, or empty
}

// serverForm is what an operation's own side looks like.
type serverForm struct {
	name    string
	kind    trace.Kind
	scope   *trace.Scope
	attrs   [outcomes + 1][]trace.Attr
	status  [outcomes + 1]trace.StatusCode
	message [outcomes + 1]string
	url     int
}

func str(key, value string) trace.Attr { return trace.Attr{Key: key, Value: trace.String(value)} }

func num(key string, value int) trace.Attr {
	return trace.Attr{Key: key, Value: trace.Int(int64(value))}
}

// attrList builds attributes, leaving out those without key or value.
type attrList []trace.Attr

func (l *attrList) text(key, value string) {
	if key != "" && value != "" {
		*l = append(*l, str(key, value))
	}
}

func (l *attrList) number(key string, value int) {
	if key != "" && value != 0 {
		*l = append(*l, num(key, value))
	}
}

// outcomeAttrs fills attributes, status and message of every outcome. The given
// function adds what a response of that outcome carries, and says whether the
// span counts as failed.
func outcomeAttrs(base attrList, add func(l *attrList, o outcome) (bad bool, message string)) (attrs [outcomes + 1][]trace.Attr, status [outcomes + 1]trace.StatusCode, message [outcomes + 1]string) {
	for o := range outcomes + 1 {
		l := append(attrList(nil), base...)
		bad, text := add(&l, o)
		attrs[o] = l[:len(l):len(l)]
		if bad {
			status[o], message[o] = trace.StatusError, text
		}
	}
	return attrs, status, message
}

// httpStatusOf is the status code that answers with an outcome; 0 is no answer.
func httpStatusOf(o outcome) int {
	switch o {
	case ok, skipped:
		return 200
	case notFound:
		return 404
	case failed:
		return 500
	case rejected:
		return 503
	}
	return 0
}

// gRPC status codes; the numbers are part of the protocol.
const (
	grpcDeadlineExceeded  = 4
	grpcNotFound          = 5
	grpcResourceExhausted = 8
	grpcInternal          = 13
	grpcUnavailable       = 14
)

func grpcStatusOf(o outcome) int {
	switch o {
	case timedOut:
		return grpcDeadlineExceeded
	case notFound:
		return grpcNotFound
	case failed, poolTimeout:
		return grpcInternal
	case rejected:
		return grpcResourceExhausted
	case refused, reset, circuitOpen:
		return grpcUnavailable
	}
	return 0
}

// httpClient is the form of an HTTP call to an operation or to an external
// system.
func (v *vocabulary) httpClient(language, method, host string, port int, path string, resend bool) clientForm {
	f := clientForm{kind: trace.KindClient, name: method, url: -1}
	if v.oldSpanNames {
		f.name = "HTTP " + method
	}
	f.scope = &trace.Scope{Name: scopeNames[language].client}
	f.base = "http://" + host + ":" + strconv.Itoa(port)
	var base attrList
	base.text(v.httpMethod, method)
	if strings.Contains(path, "{") {
		f.path, f.url = path, len(base)
	}
	base.text(v.httpURL, f.base+path)
	base.text(v.peerAddress, host)
	base.number(v.peerPort, port)
	if resend {
		f.resend = v.httpResend
	}
	f.attrs, f.status, f.message = outcomeAttrs(base, func(l *attrList, o outcome) (bool, string) {
		code := httpStatusOf(o)
		l.number(v.httpStatus, code)
		if code >= 400 {
			l.text(v.errorType, strconv.Itoa(code))
			return true, ""
		}
		w := wordsFor(language, o)
		l.text(v.errorType, w.errorType)
		return o != ok && o != skipped, w.message
	})
	return f
}

// httpServer is the form of the serving side of an HTTP operation.
func (v *vocabulary) httpServer(language, method, route string, gateway bool) serverForm {
	f := serverForm{kind: trace.KindServer, name: method + " " + route, url: -1}
	f.scope = &trace.Scope{Name: scopeNames[language].server}
	var base attrList
	base.text(v.httpMethod, method)
	base.text(string(semconv.HTTPRouteKey), route)
	if strings.Contains(route, "{") {
		f.url = len(base)
	}
	base.text(v.httpPath, route)
	f.attrs, f.status, f.message = outcomeAttrs(base, func(l *attrList, o outcome) (bool, string) {
		code := httpStatusOf(o)
		switch {
		case code == 0 && gateway && o == timedOut:
			code = 504
		case code == 0 && gateway:
			code = 502
		case code == 0:
			code = 500
		}
		l.number(v.httpStatus, code)
		if code >= 500 {
			l.text(v.errorType, strconv.Itoa(code))
		}
		return code >= 500, ""
	})
	return f
}

// grpcNames are the names of a gRPC call.
type grpcNames struct{ service, method string }

func (n grpcNames) span() string { return n.service + "/" + n.method }

func (n grpcNames) attrs(l *attrList) {
	l.text(string(semconv.RPCSystemKey), semconv.RPCSystemGRPC.Value.AsString())
	l.text(string(semconv.RPCServiceKey), n.service)
	l.text(string(semconv.RPCMethodKey), n.method)
}

func (v *vocabulary) grpcClient(n grpcNames, host string, port int) clientForm {
	f := clientForm{kind: trace.KindClient, name: n.span(), url: -1, scope: &trace.Scope{Name: "io.opentelemetry.grpc-1.6"}}
	var base attrList
	n.attrs(&base)
	base.text(v.peerAddress, host)
	base.number(v.peerPort, port)
	f.attrs, f.status, f.message = outcomeAttrs(base, func(l *attrList, o outcome) (bool, string) {
		code := grpcStatusOf(o)
		*l = append(*l, num(string(semconv.RPCGRPCStatusCodeKey), code))
		if code != 0 && code != grpcNotFound {
			l.text(v.errorType, strconv.Itoa(code))
		}
		return code != 0, wordsFor("go", o).message
	})
	return f
}

func (v *vocabulary) grpcServer(n grpcNames) serverForm {
	f := serverForm{kind: trace.KindServer, name: n.span(), url: -1, scope: &trace.Scope{Name: "io.opentelemetry.grpc-1.6"}}
	var base attrList
	n.attrs(&base)
	f.attrs, f.status, f.message = outcomeAttrs(base, func(l *attrList, o outcome) (bool, string) {
		code := grpcStatusOf(o)
		if o == timedOut || o == refused || o == reset || o == circuitOpen {
			code = grpcInternal
		}
		*l = append(*l, num(string(semconv.RPCGRPCStatusCodeKey), code))
		bad := code != 0 && code != grpcNotFound
		if bad {
			l.text(v.errorType, strconv.Itoa(code))
		}
		return bad, ""
	})
	return f
}

// database is the form of a query.
func (v *vocabulary) database(language string, s *station, operation, collection string) clientForm {
	name := strings.TrimSpace(operation + " " + collection)
	if v.oldSpanNames && s.spec.Namespace != "" {
		name = strings.TrimSpace(operation + " " + s.spec.Namespace + "." + collection)
	}
	f := clientForm{kind: trace.KindClient, name: name, url: -1, scope: &trace.Scope{Name: scopeNames[language].database}}
	var base attrList
	base.text(v.dbSystem, s.spec.System)
	base.text(v.dbNamespace, s.spec.Namespace)
	base.text(v.dbCollection, collection)
	base.text(v.dbOperation, operation)
	base.text(v.dbText, strings.TrimSpace(operation+" "+collection))
	base.text(v.peerAddress, s.address())
	base.number(v.peerPort, s.spec.Port)
	f.attrs, f.status, f.message = outcomeAttrs(base, func(l *attrList, o outcome) (bool, string) {
		if o == ok {
			return false, ""
		}
		w := wordsFor(language, o)
		if o == rejected {
			w.message = "too many connections"
		}
		l.text(v.errorType, w.errorType)
		return true, w.message
	})
	return f
}

// producer is the form of sending a message.
func (v *vocabulary) producer(language string, t *topic) clientForm {
	f := clientForm{kind: trace.KindProducer, name: "send " + t.name, url: -1, scope: &trace.Scope{Name: "io.opentelemetry." + t.broker.spec.System}}
	operation := "send"
	if v.oldSpanNames {
		f.name, operation = t.name+" publish", "publish"
	}
	var base attrList
	v.messaging(&base, t, operation)
	base.text(v.peerAddress, t.broker.address())
	base.number(v.peerPort, t.broker.spec.Port)
	f.attrs, f.status, f.message = outcomeAttrs(base, func(l *attrList, o outcome) (bool, string) {
		w := wordsFor(language, o)
		l.text(v.errorType, w.errorType)
		return o != ok, w.message
	})
	return f
}

func (v *vocabulary) messaging(l *attrList, t *topic, operation string) {
	l.text(string(semconv.MessagingSystemKey), t.broker.spec.System)
	l.text(string(semconv.MessagingDestinationNameKey), t.name)
	l.text(v.msgOperation, operation)
	l.text(v.msgOperationName, operation)
}

// consumer is the form of working on a message.
func (v *vocabulary) consumer(language string, t *topic, group string) serverForm {
	f := serverForm{kind: trace.KindConsumer, name: "process " + t.name, url: -1, scope: &trace.Scope{Name: "io.opentelemetry." + t.broker.spec.System}}
	if v.oldSpanNames {
		f.name = t.name + " process"
	}
	var base attrList
	v.messaging(&base, t, "process")
	if !v.oldSpanNames {
		base.text(string(semconv.MessagingConsumerGroupNameKey), group)
		base.text(v.peerAddress, t.broker.address())
		base.number(v.peerPort, t.broker.spec.Port)
	}
	f.attrs, f.status, f.message = outcomeAttrs(base, func(l *attrList, o outcome) (bool, string) {
		if o == ok || o == skipped || o == notFound {
			return false, ""
		}
		w := wordsFor(language, o)
		l.text(v.errorType, w.errorType)
		return true, w.message
	})
	return f
}
