import type { FoundTrace, TraceList } from "../api/types";
import { seconds } from "../format/number";
import { minute, zone } from "../format/time";
import { navigate, tracePath } from "../router";
import { useWidth } from "../shell/use-width";
import { ticks } from "../timeline/bins";

const height = 120;
const left = 54;
const bottom = 18;

/** The found traces by time and, on a logarithmic scale, by duration. The table says the same. */
export function Scatter({ list }: { list: TraceList }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const [from, to] = [Date.parse(list.range.start), Date.parse(list.range.end)];
  const durations = list.traces.map((t) => Math.max(1e-6, t.duration));
  const low = Math.floor(Math.log10(Math.min(...durations)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...durations))));
  const x = (t: number) => left + ((t - from) / Math.max(1, to - from)) * (width - left - 8);
  const y = (d: number) => 6 + (1 - (Math.log10(Math.max(1e-6, d)) - low) / (high - low)) * (height - bottom - 12);
  const decades = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  return (
    <div class="scatter" ref={ref}>
      {width > 0 && (
        <svg width={width} height={height} role="img" aria-label="Durations of the found traces over time">
          {decades.map((d) => (
            <g key={d} class="axis">
              <line x1={left} x2={width - 8} y1={y(d)} y2={y(d)} />
              <text class="y" x={left - 6} y={y(d) + 4}>
                {seconds(d)}
              </text>
            </g>
          ))}
          {ticks(from, to, Math.max(2, width / 110)).map((t) => (
            <text key={t} class="x" x={x(t)} y={height - 3}>
              {minute(new Date(t), zone.value)}
            </text>
          ))}
          {list.traces.map((t) => (
            <Dot key={t.id} trace={t} x={x(Date.parse(t.start))} y={y(t.duration)} />
          ))}
        </svg>
      )}
    </div>
  );
}

function Dot({ trace, x, y }: { trace: FoundTrace; x: number; y: number }) {
  const words = `${trace.name || trace.match.name}, ${seconds(trace.duration)}${trace.failed ? ", failed" : ""}`;
  const bad = trace.failed || trace.failures > 0;
  return (
    <g class={bad ? "dot bad" : "dot"} onClick={() => navigate(tracePath(trace.id))}>
      <title>{words}</title>
      {bad ? <path d={`M${x - 4} ${y - 4}L${x + 4} ${y + 4}M${x - 4} ${y + 4}L${x + 4} ${y - 4}`} /> : <circle cx={x} cy={y} r={3.5} />}
    </g>
  );
}
