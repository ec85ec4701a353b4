import { useState } from "preact/hooks";
import type { FoundTrace, TraceList } from "../api/types";
import { seconds } from "../format/number";
import { clock, minute, zone } from "../format/time";
import { navigate, tracePath } from "../router";
import { chooseTime } from "../shell/range";
import { useWidth } from "../shell/use-width";
import { ticks } from "../timeline/bins";

const height = 120;
const left = 54;
const bottom = 18;

/**
 * The found traces by time, as far back as was looked, and, on a logarithmic
 * scale, by duration. The table says the same. Dragging over it chooses a time.
 */
export function Scatter({ list }: { list: TraceList }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const [drag, setDrag] = useState<{ a: number; b: number } | null>(null);
  // Some of what was found began before what was looked at.
  const from = Math.min(Date.parse(list.next ?? list.range.start), ...(list.next === null ? [] : list.traces.map((t) => Date.parse(t.start))));
  const to = Date.parse(list.range.end);
  const durations = list.traces.map((t) => Math.max(1e-6, t.duration));
  const low = Math.floor(Math.log10(Math.min(...durations)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...durations))));
  const x = (t: number) => left + ((t - from) / Math.max(1, to - from)) * (width - left - 8);
  const y = (d: number) => 6 + (1 - (Math.log10(Math.max(1e-6, d)) - low) / (high - low)) * (height - bottom - 12);
  const timeAt = (px: number) => from + ((Math.min(width - 8, Math.max(left, px)) - left) / Math.max(1, width - left - 8)) * (to - from);
  const at = (e: PointerEvent) => e.clientX - (ref.current?.getBoundingClientRect().left ?? 0);
  const chosen = (e: PointerEvent) => {
    if (drag && Math.abs(drag.b - drag.a) > 4) {
      e.preventDefault();
      chooseTime(timeAt(Math.min(drag.a, drag.b)) / 1000, timeAt(Math.max(drag.a, drag.b)) / 1000);
    }
    setDrag(null);
  };
  const decades = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  return (
    <div class="scatter" ref={ref}>
      {width > 0 && (
        <svg
          width={width}
          height={height}
          role="img"
          aria-label="Durations of the found traces over time"
          onPointerDown={(e) => {
            if (e.button !== 0 || (e.target as Element).closest(".dot")) return;
            e.currentTarget.setPointerCapture(e.pointerId);
            setDrag({ a: at(e), b: at(e) });
          }}
          onPointerMove={(e) => drag && setDrag({ a: drag.a, b: at(e) })}
          onPointerUp={chosen}
          onPointerCancel={() => setDrag(null)}
        >
          {drag && <rect class="chosen" x={Math.min(drag.a, drag.b)} y={0} width={Math.abs(drag.b - drag.a)} height={height - bottom} />}
          {decades.map((d) => (
            <g key={d} class="axis">
              <line x1={left} x2={width - 8} y1={y(d)} y2={y(d)} />
              <text class="y" x={left - 6} y={y(d) + 4}>
                {seconds(d)}
              </text>
            </g>
          ))}
          {ticks(from, to, Math.max(2, width / 110), 1).filter((t) => x(t) < width - 34).map((t) => (
            <text key={t} class="x" x={x(t)} y={height - 3}>
              {(to - from < 180_000 ? clock : minute)(new Date(t), zone.value)}
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
