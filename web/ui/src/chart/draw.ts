import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

/** What a chart shows beside its series. Times are Unix seconds. */
export interface Settings {
  width: number;
  height: number;
  band: { low: number; high: number } | null;
  /** The stretch that is marked: an incident. */
  mark: { start: number; end: number | null } | null;
  /** A moment that is marked within it. */
  at: number | null;
  /** The series' names and colours, in the order of the data's columns. */
  lines: { name: string; colour: string; dash?: number[] }[];
  value: (v: number) => string;
  tick: (t: number) => string;
  time: (t: number) => string;
  /** A stretch that was marked with the mouse, where it can be. */
  onRange?: ((from: number, to: number) => void) | undefined;
}

/** Draws series with the band of a baseline, the begin of an incident and a moment. */
export function draw(into: HTMLElement, data: [number[], ...number[][]], s: Settings): uPlot {
  const style = getComputedStyle(into);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const font = `11px ${style.fontFamily}`;
  const readout = document.createElement("div");
  readout.className = "readout";

  const axis = { stroke: colour("--soft"), font, ticks: { show: false }, gap: 4 };
  const options: uPlot.Options = {
    width: s.width,
    height: s.height,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: s.onRange !== undefined, y: false, setScale: false }, points: { size: 6 } },
    scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(0, low), high <= 0 ? 1 : high * 1.06] } },
    axes: [
      {
        ...axis,
        size: 22,
        space: 64,
        incrs: [60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400],
        values: (_, ts) => ts.map(s.tick),
        grid: { show: false },
      },
      {
        ...axis,
        size: 58,
        space: 34,
        values: (_, vs) => vs.map(s.value),
        grid: { stroke: colour("--rule"), width: 1 },
      },
    ],
    series: [
      {},
      ...s.lines.map((l) => ({ stroke: colour(l.colour), width: 1.5, dash: l.dash ?? [], points: { show: false } })),
    ],
    hooks: {
      setSelect: [
        (u) => {
          if (u.select.width < 4) return;
          s.onRange?.(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x"));
        },
      ],
      drawClear: [(u) => background(u, s, colour)],
      setCursor: [
        (u) => {
          const i = u.cursor.idx;
          const t = i == null ? null : u.data[0][i];
          if (i == null || t == null) return void (readout.textContent = "");
          const values = s.lines.map((l, k) => `${l.name === "" ? "" : `${l.name} `}${s.value(u.data[k + 1]?.[i] ?? 0)}`);
          readout.textContent = [s.time(t), ...values].join("  ");
        },
      ],
    },
  };
  const chart = new uPlot(options, data, into);
  chart.root.append(readout); // goes when the chart does
  return chart;
}

function background(u: uPlot, s: Settings, colour: (name: string) => string): void {
  const { left, top, width, height } = u.bbox;
  const ctx = u.ctx;
  const x = (t: number) => Math.min(left + width, Math.max(left, u.valToPos(t, "x", true)));
  const y = (v: number) => Math.min(top + height, Math.max(top, u.valToPos(v, "y", true)));
  ctx.save();
  const from = s.mark && x(s.mark.start);
  if (s.mark && from !== null) {
    ctx.fillStyle = colour("--incident-ground");
    const to = s.mark.end === null ? left + width : x(s.mark.end);
    ctx.fillRect(from, top, to - from, height);
  }
  if (s.band) {
    const high = y(s.band.high);
    ctx.fillStyle = colour("--band");
    ctx.fillRect(left, high, width, Math.max(2, y(s.band.low) - high));
  }
  const upright = (at: number, stroke: string, dash: number[]) => {
    ctx.strokeStyle = colour(stroke);
    ctx.setLineDash(dash);
    ctx.beginPath();
    ctx.moveTo(Math.round(at) + 0.5, top);
    ctx.lineTo(Math.round(at) + 0.5, top + height);
    ctx.stroke();
  };
  if (from !== null) upright(from, "--soft", [3, 3]);
  if (s.at !== null) upright(x(s.at), "--accent", []);
  ctx.restore();
}
