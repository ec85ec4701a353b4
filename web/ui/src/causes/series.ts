import type { Point } from "../api/types";

/** A series as two columns: Unix seconds, and values. */
export function columns(series: Point[]): [number[], number[]] {
  return [series.map((p) => Date.parse(p.t) / 1000), series.map((p) => p.v)];
}

/**
 * The band in which the baseline moved: from its 5th to its 95th percentile, of
 * the points before the incident. Null when there are none.
 */
export function baselineBand(series: Point[], incidentStart: string): { low: number; high: number } | null {
  const start = Date.parse(incidentStart);
  const before = series
    .filter((p) => Date.parse(p.t) < start)
    .map((p) => p.v)
    .sort((a, b) => a - b);
  if (before.length === 0) return null;
  const at = (q: number) => before[Math.round(q * (before.length - 1))]!;
  return { low: at(0.05), high: at(0.95) };
}
