import { nanoseconds } from "../format/number";
import { useWidth } from "../shell/use-width";
import { rulerSteps } from "./tree";

/** The times above the bars. */
export function Ruler({ duration }: { duration: number }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const steps = rulerSteps(duration, Math.max(2, Math.floor(width / 90)));
  return (
    <div class="ruler" aria-hidden="true">
      <span>Span</span>
      <span class="took">Time</span>
      <div class="bars" ref={ref}>
        {duration > 0 &&
          steps.map((s) => (
            <span
              key={s}
              class={s / duration > 0.92 ? "tick last" : "tick"}
              style={{ left: `${(100 * s) / duration}%` }}
            >
              {nanoseconds(s)}
            </span>
          ))}
      </div>
    </div>
  );
}
