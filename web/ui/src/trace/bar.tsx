import type { TraceView } from "../api/types";
import { selfStretches } from "./tree";

/** More stretches than that are too fine to be told apart. */
const finest = 200;

/**
 * A span along time: pale over its whole length, full where no child covers it,
 * striped where the callee had not begun, dashed where it ran on after its caller
 * had left, with a line below it where the request waited for it, and dots before
 * it where it waited since the attempt before.
 */
export function Bar({ trace, index, tone }: { trace: TraceView; index: number; tone: number }) {
  const span = trace.spans[index]!;
  const whole = Math.max(1, trace.duration);
  const at = (ns: number) => `${((100 * ns) / whole).toFixed(3)}%`;
  const stretches = selfStretches(trace.spans, index);
  const own = stretches.length <= finest ? stretches : [];
  const { wait, backoff } = span.call;
  return (
    <div class={`bars tone-${tone}`}>
      {backoff > 0 && <span class="bar backoff" style={{ left: at(span.start - backoff), width: at(backoff) }} />}
      <span class="bar" style={{ left: at(span.start), width: at(span.duration) }} />
      {own.map((s) => (
        <span key={s.from} class="bar self" style={{ left: at(s.from), width: at(s.to - s.from) }} />
      ))}
      {wait > 0 && <span class="bar gap" style={{ left: at(span.start), width: at(Math.min(wait, span.duration)) }} />}
      {span.late > 0 && (
        <span class="bar late" style={{ left: at(span.start + span.duration), width: at(span.late) }} />
      )}
      {span.critical.slice(0, finest).map((c) => (
        <span key={`c${c.from}`} class="critical" style={{ left: at(c.from), width: at(c.to - c.from) }} />
      ))}
      {span.events.slice(0, 50).map((e, i) => (
        <span key={i} class="event" style={{ left: at(e.offset) }} />
      ))}
    </div>
  );
}
