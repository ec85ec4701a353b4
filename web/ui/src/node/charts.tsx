import { useMemo } from "preact/hooks";
import { Chart } from "../chart/chart";
import { chooseTime } from "../shell/range";

interface Metric {
  title: string;
  unit: string;
  lines: readonly { name: string; pick: string; colour: string; dash?: readonly number[] }[];
}

/** Several charts over the same time, side by side. */
export function Charts({ metrics, points }: { metrics: readonly Metric[]; points: { t: string }[] }) {
  if (points.length < 2) return <p class="quiet">Too short a time for curves: choose a longer one.</p>;
  return (
    <>
      <ul class="charts">
        {metrics.map((m) => (
          <One key={m.title} metric={m} points={points} />
        ))}
      </ul>
      <p class="quiet hint">Drag over a chart to look at that time alone.</p>
    </>
  );
}

function One({ metric, points }: { metric: Metric; points: { t: string }[] }) {
  const data = useMemo<[number[], ...number[][]]>(
    () => [
      points.map((p) => Date.parse(p.t) / 1000),
      ...metric.lines.map((l) => points.map((p) => (p as unknown as Record<string, number>)[l.pick] ?? 0)),
    ],
    [points, metric],
  );
  const lines = useMemo(() => metric.lines.map((l) => ({ name: l.name, colour: l.colour, dash: [...(l.dash ?? [])] })), [metric]);
  return (
    <li>
      <h2>
        {metric.title}
        {metric.lines.length > 1 && (
          <span class="key">
            {metric.lines.map((l) => (
              <span key={l.name}>
                <svg viewBox="0 0 20 8" aria-hidden="true">
                  <path d="M0 4h20" stroke={`var(${l.colour})`} stroke-width="2" stroke-dasharray={(l.dash ?? []).join(" ")} />
                </svg>
                {l.name}
              </span>
            ))}
          </span>
        )}
      </h2>
      <Chart data={data} lines={lines} unit={metric.unit} label={`${metric.title} over time`} onRange={chooseTime} />
    </li>
  );
}
