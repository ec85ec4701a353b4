import type { Cell, Row } from "../api/types";

/** One column of a row: a window, or several drawn as one. */
export interface Bin {
  from: number;
  own: number;
  inherited: number;
  failed: number;
}

/** The columns that all rows share: their begins in Unix milliseconds. */
export interface Columns {
  begins: number[];
  step: number;
}

/** The columns for rows of cells: at most so many, each of whole windows. */
export function columnsOf(rows: Row[], windowMs: number, most: number): Columns {
  let first = Infinity;
  let last = -Infinity;
  for (const row of rows)
    for (const c of row.cells) {
      const t = Date.parse(c.t);
      first = Math.min(first, t);
      last = Math.max(last, t);
    }
  if (first > last || windowMs <= 0) return { begins: [], step: Math.max(1, windowMs) };
  const windows = Math.floor((last - first) / windowMs) + 1;
  const step = windowMs * Math.max(1, Math.ceil(windows / Math.max(1, most)));
  const begins: number[] = [];
  for (let t = first; t <= last; t += step) begins.push(t);
  return { begins, step };
}

/** A row's cells put into the columns; of several in one, the most counts. */
export function binned(cells: Cell[], columns: Columns): Bin[] {
  const bins = columns.begins.map((from) => ({ from, own: 0, inherited: 0, failed: 0 }));
  const first = columns.begins[0] ?? 0;
  for (const c of cells) {
    const bin = bins[Math.floor((Date.parse(c.t) - first) / columns.step)];
    if (!bin) continue;
    const [own, inherited] = [Math.max(0, c.own), Math.max(0, c.inherited)];
    if (own + inherited > bin.own + bin.inherited) {
      bin.own = own;
      bin.inherited = inherited;
    }
    bin.failed = Math.max(bin.failed, c.failed_share);
  }
  return bins;
}

/** The most pressure in any column of any row. */
export const highest = (rows: Bin[][]): number => Math.max(0, ...rows.flat().map((b) => b.own + b.inherited));

/** Times for ticks: about so many, at round times at least so many seconds apart, in Unix milliseconds. */
export function ticks(from: number, to: number, about: number, finest = 60): number[] {
  const seconds = [1, 2, 5, 10, 15, 30, ...[1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((m) => m * 60)];
  const steps = seconds.filter((s) => s >= finest).map((s) => s * 1000);
  const step = steps.find((s) => (to - from) / s <= about) ?? steps[steps.length - 1]!;
  const out: number[] = [];
  for (let t = Math.ceil(from / step) * step; t <= to; t += step) out.push(t);
  return out;
}

/**
 * The rows that left their baseline: those with an onset as they come, by onset,
 * then those with at least a fiftieth of the most pressure: in the order in which
 * the incident is said to have reached them, else the most pressed first.
 */
export function moved(rows: Row[], reached: string[] = []): Row[] {
  const peak = (r: Row) => Math.max(0, ...r.cells.map((c) => c.own + c.inherited));
  const most = Math.max(0, ...rows.map(peak));
  const pressed = rows.filter((r) => r.onset === null && peak(r) > most / 50);
  const place = (r: Row) => (reached.includes(r.node) ? reached.indexOf(r.node) : reached.length);
  pressed.sort((a, b) => place(a) - place(b) || peak(b) - peak(a) || (a.node < b.node ? -1 : 1));
  return [...rows.filter((r) => r.onset !== null), ...pressed];
}
