import type { Example } from "../api/types";
import { seconds } from "../format/number";
import { clock, zone } from "../format/time";
import { comparePath, tracePath } from "../router";

/** Traces that show the cause at work. */
export function ExampleLinks({ examples }: { examples: Example[] }) {
  const usual = examples.find((e) => e.role === "baseline");
  return (
    <section aria-label="Example traces">
      <h4>Example traces</h4>
      <ul class="examples">
        {examples.map((e, i) => (
          <li key={i}>
            <a href={tracePath(e.trace_id)}>
              <span class="role">{e.role}</span> <span class="number">{seconds(e.duration)}</span> at{" "}
              {clock(e.start, zone.value)} <span class="mono">{e.trace_id.slice(0, 8)}…</span>
            </a>
            {usual && e.role !== "baseline" && (
              <>
                {" "}
                <a class="beside" href={comparePath(usual.trace_id, e.trace_id)} aria-label={`beside baseline: the ${e.role} trace`}>
                  beside baseline
                </a>
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
