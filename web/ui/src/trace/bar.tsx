import type { TraceView } from "../api/types";
import { selfStretches } from "./tree";

/** More stretches than that are too fine to be told apart. */
const finest = 200;

/**
 * A span along time: pale over its whole length, full where no child covers it,
 * and dashed where it ran on after its caller had left.
 */
export function Bar({ trace, index, tone }: { trace: TraceView; index: number; tone: number }) {
  const span = trace.spans[index]!;
  const whole = Math.max(1, trace.duration);
  const at = (ns: number) => `${((100 * ns) / whole).toFixed(3)}%`;
  const stretches = selfStretches(trace.spans, index);
  const own = stretches.length <= finest ? stretches : [];
  return (
    <div class={`bars tone-${tone}`}>
      <span class="bar" style={{ left: at(span.start), width: at(span.duration) }} />
      {own.map((s) => (
        <span key={s.from} class="bar self" style={{ left: at(s.from), width: at(s.to - s.from) }} />
      ))}
      {span.late > 0 && (
        <span class="bar late" style={{ left: at(span.start + span.duration), width: at(span.late) }} />
      )}
      {span.events.slice(0, 50).map((e, i) => (
        <span key={i} class="event" style={{ left: at(e.offset) }} />
      ))}
    </div>
  );
}
