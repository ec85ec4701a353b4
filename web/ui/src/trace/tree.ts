import type { SpanView } from "../api/types";

/** The indexes of the spans that are seen, with those below folded ones left out. */
export function visible(spans: SpanView[], folded: ReadonlySet<number>): number[] {
  const out: number[] = [];
  for (let i = 0; i < spans.length; i++) {
    out.push(i);
    if (folded.has(i)) i += spans[i]!.below;
  }
  return out;
}

/**
 * The indexes of the spans on the critical path, and of those above them: what is
 * left when the rest is hidden.
 */
export function onCriticalPath(spans: SpanView[]): Set<number> {
  const out = new Set<number>();
  spans.forEach((s, i) => {
    if (s.critical.length === 0) return;
    for (let at = i; at >= 0 && !out.has(at); at = spans[at]!.parent) out.add(at);
  });
  return out;
}

/** A stretch of time in nanoseconds from the trace's start. */
export interface Stretch {
  from: number;
  to: number;
}

/** The stretches of a span that no child covers for which it waits. */
export function selfStretches(spans: SpanView[], index: number): Stretch[] {
  const span = spans[index];
  if (!span) return [];
  const out: Stretch[] = [];
  const end = span.start + span.duration;
  let until = span.start;
  for (const child of children(spans, index)) {
    const c = spans[child]!;
    if (c.async) continue;
    if (c.start > until) out.push({ from: until, to: Math.min(c.start, end) });
    until = Math.max(until, c.start + c.duration);
  }
  if (until < end) out.push({ from: until, to: end });
  return out;
}

/** The indexes of a span's children, by start. */
export function children(spans: SpanView[], index: number): number[] {
  const out: number[] = [];
  const last = index + (spans[index]?.below ?? 0);
  for (let i = index + 1; i <= last; i += spans[i]!.below + 1) out.push(i);
  return out;
}

/** Which rows to draw of so many, for a scroll position. */
export function windowOf(count: number, rowHeight: number, top: number, height: number, spare = 8) {
  const within = (row: number) => Math.max(0, Math.min(count, row));
  return {
    first: within(Math.floor(top / rowHeight) - spare),
    last: within(Math.ceil((top + height) / rowHeight) + spare),
  };
}

/** Round steps for the ruler: about so many between 0 and the duration. */
export function rulerSteps(duration: number, about: number): number[] {
  if (duration <= 0) return [0];
  const raw = duration / Math.max(1, about);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw) ?? raw;
  const out: number[] = [];
  for (let i = 0; i * step <= duration * 1.0001; i++) out.push(i * step);
  return out;
}
