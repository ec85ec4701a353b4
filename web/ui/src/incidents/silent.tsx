import { useResource } from "../api/resource";
import type { Status } from "../api/types";
import { Copy } from "../shell/copy";

/** Before the first span: how to send some. */
export function Silent() {
  const { data } = useResource<Status>("/status", false);
  const grpc = data?.receivers.grpc || "localhost:4317";
  const http = data?.receivers.http || "localhost:4318";
  return (
    <section class="silent">
      <h1>Waiting for the first spans</h1>
      <p>Send OpenTelemetry traces, and this page shows who calls whom, and where a cascade begins.</p>
      <dl class="receivers">
        <dt>OTLP over gRPC</dt>
        <dd class="mono">{grpc}</dd>
        <dt>OTLP over HTTP</dt>
        <dd class="mono">{http}</dd>
      </dl>
      <p>A program that uses an OpenTelemetry SDK needs two settings:</p>
      <Snippet
        label="the settings"
        text={`export OTEL_EXPORTER_OTLP_ENDPOINT=http://${http}\nexport OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`}
      />
      <p>A Collector needs one exporter:</p>
      <Snippet
        label="the exporter"
        text={`exporters:\n  otlp/headwater:\n    endpoint: ${grpc}\n    tls:\n      insecure: true`}
      />
      <p class="quiet">This page changes by itself when they arrive.</p>
    </section>
  );
}

function Snippet({ text, label }: { text: string; label: string }) {
  return (
    <div class="snippet">
      <pre tabIndex={0}>{text}</pre>
      <Copy text={text} label={label} />
    </div>
  );
}
