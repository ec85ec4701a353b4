package simulate

import (
	oldconv "go.opentelemetry.io/otel/semconv/v1.21.0"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
)

// vocabulary is the attribute keys of one generation of the semantic
// conventions. An empty key was not yet, or is no longer, sent.
type vocabulary struct {
	httpMethod, httpURL, httpPath, httpStatus, httpResend    string
	peerAddress, peerPort                                    string
	dbSystem, dbNamespace, dbCollection, dbOperation, dbText string
	msgOperation, msgOperationName                           string
	environment                                              string
	errorType                                                string
	oldSpanNames                                             bool
}

var currentConventions = vocabulary{
	httpMethod: string(semconv.HTTPRequestMethodKey), httpURL: string(semconv.URLFullKey), httpPath: string(semconv.URLPathKey),
	httpStatus: string(semconv.HTTPResponseStatusCodeKey), httpResend: string(semconv.HTTPRequestResendCountKey),
	peerAddress: string(semconv.ServerAddressKey), peerPort: string(semconv.ServerPortKey),
	dbSystem: string(semconv.DBSystemNameKey), dbNamespace: string(semconv.DBNamespaceKey), dbCollection: string(semconv.DBCollectionNameKey),
	dbOperation: string(semconv.DBOperationNameKey), dbText: string(semconv.DBQuerySummaryKey),
	msgOperation: string(semconv.MessagingOperationTypeKey), msgOperationName: string(semconv.MessagingOperationNameKey),
	environment: string(semconv.DeploymentEnvironmentNameKey),
	errorType:   string(semconv.ErrorTypeKey),
}

var previousConventions = vocabulary{
	httpMethod: string(oldconv.HTTPMethodKey), httpURL: string(oldconv.HTTPURLKey), httpPath: string(oldconv.HTTPTargetKey),
	httpStatus: string(oldconv.HTTPStatusCodeKey), httpResend: string(oldconv.HTTPResendCountKey),
	peerAddress: string(oldconv.NetPeerNameKey), peerPort: string(oldconv.NetPeerPortKey),
	dbSystem: string(oldconv.DBSystemKey), dbNamespace: string(oldconv.DBNameKey), dbCollection: string(oldconv.DBSQLTableKey),
	dbOperation: string(oldconv.DBOperationKey), dbText: string(oldconv.DBStatementKey),
	msgOperation: string(oldconv.MessagingOperationKey),
	environment:  string(oldconv.DeploymentEnvironmentKey),
	oldSpanNames: true,
}

// fault words: what a client's library, by language, calls a failure.
type words struct{ errorType, message string }

var timeoutWords = map[string]words{
	"go":     {"context.deadlineExceededError", "context deadline exceeded"},
	"java":   {"java.net.SocketTimeoutException", "Read timed out"},
	"python": {"TimeoutError", "The read operation timed out"},
	"nodejs": {"ETIMEDOUT", "socket hang up: timeout"},
	"dotnet": {"System.TimeoutException", "The request timed out"},
}

var refusedWords = map[string]words{
	"go":     {"*net.OpError", "connect: connection refused"},
	"java":   {"java.net.ConnectException", "Connection refused"},
	"python": {"ConnectionRefusedError", "Connection refused"},
	"nodejs": {"ECONNREFUSED", "connect ECONNREFUSED: connection refused"},
	"dotnet": {"connection_error", "Connection refused"},
}

var resetWords = map[string]words{
	"go":     {"*net.OpError", "read: connection reset by peer"},
	"java":   {"java.net.SocketException", "Connection reset by peer"},
	"python": {"ConnectionResetError", "Connection reset by peer"},
	"nodejs": {"ECONNRESET", "read ECONNRESET: reset by peer"},
	"dotnet": {"connection_error", "Connection reset by peer"},
}

var poolWords = map[string]words{
	"go":     {"*pool.TimeoutError", "connection pool exhausted"},
	"java":   {"java.sql.SQLTransientConnectionException", "pool exhausted: connection is not available"},
	"python": {"sqlalchemy.exc.TimeoutError", "pool exhausted, connection timed out"},
	"nodejs": {"PoolTimeoutError", "pool exhausted: timeout acquiring a connection"},
	"dotnet": {"System.InvalidOperationException", "pool exhausted: timeout obtaining a connection"},
}

var circuitWords = map[string]words{
	"go":     {"*breaker.OpenError", "circuit breaker is open"},
	"java":   {"io.github.resilience4j.circuitbreaker.CallNotPermittedException", "circuit breaker is OPEN"},
	"python": {"CircuitBreakerError", "circuit breaker is open"},
	"nodejs": {"EOPENBREAKER", "circuit breaker is open"},
	"dotnet": {"Polly.CircuitBreaker.BrokenCircuitException", "the circuit is open"},
}

var failedWords = map[string]words{
	"go":     {"*errors.errorString", "internal error"},
	"java":   {"java.lang.IllegalStateException", "internal error"},
	"python": {"RuntimeError", "internal error"},
	"nodejs": {"Error", "internal error"},
	"dotnet": {"System.InvalidOperationException", "internal error"},
}

// wordsFor is how a library of the given language names an outcome.
func wordsFor(language string, o outcome) words {
	switch o {
	case timedOut:
		return timeoutWords[language]
	case refused:
		return refusedWords[language]
	case reset:
		return resetWords[language]
	case poolTimeout:
		return poolWords[language]
	case circuitOpen:
		return circuitWords[language]
	case rejected:
		return words{"TooManyRequests", "too many requests"}
	case failed:
		return failedWords[language]
	}
	return words{}
}

// The scopes are those of the libraries that such spans come from.
var scopeNames = map[string]struct{ server, client, database string }{
	"go":     {"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp", "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp", "github.com/XSAM/otelsql"},
	"java":   {"io.opentelemetry.tomcat-10.0", "io.opentelemetry.java-http-client", "io.opentelemetry.jdbc"},
	"python": {"opentelemetry.instrumentation.fastapi", "opentelemetry.instrumentation.requests", "opentelemetry.instrumentation.psycopg"},
	"nodejs": {"@opentelemetry/instrumentation-http", "@opentelemetry/instrumentation-undici", "@opentelemetry/instrumentation-pg"},
	"dotnet": {"Microsoft.AspNetCore", "System.Net.Http", "Npgsql"},
}
