import type { TraceView } from "../api/types";
import { grouped, nanoseconds } from "../format/number";
import { counted } from "../format/words";
import { clock, day, zone, zoneName } from "../format/time";
import { useState } from "preact/hooks";
import { address, comparePath, navigate } from "../router";
import { Copy } from "../shell/copy";
import { serviceNames, serviceTone } from "./tone";

export function TraceHead({ trace }: { trace: TraceView }) {
  const root = trace.spans[0];
  const z = zone.value;
  const services = serviceNames(trace);
  const count = trace.spans.length + trace.omitted;
  return (
    <header class="headline">
      <p class="meta">
        <span class="mono">{trace.id}</span>
        <span class="take">
          <Copy text={trace.id} label="the trace id" word="copy id" />
          <Copy text={address.value} label="the address of this view" word="copy link" />
          <a href={`/api/v1/traces/${trace.id}`} download={`trace-${trace.id}.json`}>
            JSON
          </a>
        </span>
        <CompareWith id={trace.id} />
      </p>
      <h1>
        {root ? root.name : "Empty trace"} <span class="took">{nanoseconds(root?.duration ?? 0)}</span>
      </h1>
      <p class="meta">
        <span>
          <time dateTime={trace.start}>{clock(trace.start, z)}</time> {zoneName(z, new Date(trace.start).getTimezoneOffset())},{" "}
          {day(trace.start, z)}
        </span>
        <span>{counted(count, grouped(count), "span")}</span>
        {root && trace.duration > root.start + root.duration && <span>work went on until {nanoseconds(trace.duration)}</span>}
        {trace.failed > 0 && <span class="failed">{grouped(trace.failed)} failed</span>}
      </p>
      <ul class="services" aria-label="Services">
        {services.map((s) => (
          <li key={s}>
            <span class={`swatch tone-${serviceTone(services, s)}`} aria-hidden="true" />
            {s || "(no service name)"}
          </li>
        ))}
      </ul>
      {trace.omitted > 0 && (
        <p class="quiet">
          The first {grouped(trace.spans.length)} spans are shown, {grouped(trace.omitted)} are left out.
        </p>
      )}
    </header>
  );
}

/** Takes the id of another trace, to see both side by side. */
function CompareWith({ id }: { id: string }) {
  const [other, setOther] = useState("");
  return (
    <form
      class="compare-with"
      onSubmit={(e) => {
        e.preventDefault();
        if (other.trim() !== "") navigate(comparePath(id, other.trim()));
      }}
    >
      <label>
        compare with{" "}
        <input class="mono" value={other} size={18} placeholder="another trace's id" onInput={(e) => setOther(e.currentTarget.value)} />
      </label>
    </form>
  );
}
