// Sends a root span and N - 1 children with OpenTelemetry's JavaScript SDK.
// PROTOCOL is http/json, http/protobuf or grpc; the SDK itself reads the rest
// from the environment: OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS.
import { context, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as Json } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as Protobuf } from '@opentelemetry/exporter-trace-otlp-proto';
import { OTLPTraceExporter as Grpc } from '@opentelemetry/exporter-trace-otlp-grpc';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const exporters = { 'http/json': Json, 'http/protobuf': Protobuf, grpc: Grpc };
const exporter = new exporters[process.env.PROTOCOL]();
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'checkout' }),
  spanProcessors: [new BatchSpanProcessor(exporter, { maxExportBatchSize: 50, exportTimeoutMillis: 60_000 })],
});
const tracer = provider.getTracer('shop');
const root = tracer.startSpan('root');
const inRoot = trace.setSpan(context.active(), root);
for (let i = 1; i < Number(process.env.N); i++) {
  tracer.startSpan(`child ${String(i).padStart(4, '0')}`, {}, inRoot).end();
}
root.end();
await provider.forceFlush();
await provider.shutdown();
