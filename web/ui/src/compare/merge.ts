import type { TraceView } from "../api/types";
import { children } from "../trace/tree";

/** What one trace has at a place of both: the spans there taken together. Times are nanoseconds. */
export interface Side {
  count: number;
  total: number;
  self: number;
  failed: number;
  /** The id of the first of them. */
  span: string;
}

/** A place in the shape of two traces: the spans of one service and name below the same place. */
export interface Place {
  key: string;
  service: string;
  name: string;
  kind: string;
  depth: number;
  a: Side | null;
  b: Side | null;
}

interface Group {
  service: string;
  name: string;
  kind: string;
  start: number;
  spans: number[];
}

function groupsOf(trace: TraceView, indexes: number[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const i of indexes) {
    const s = trace.spans[i]!;
    const service = trace.resources[s.resource]?.service ?? "";
    const key = `${service}\n${s.name}\n${s.kind}`;
    const g = groups.get(key);
    if (g) {
      g.spans.push(i);
      g.start = Math.min(g.start, s.start);
    } else groups.set(key, { service, name: s.name, kind: s.kind, start: s.start, spans: [i] });
  }
  return groups;
}

function sideOf(trace: TraceView, spans: number[]): Side {
  const side: Side = { count: spans.length, total: 0, self: 0, failed: 0, span: trace.spans[spans[0]!]!.id };
  for (const i of spans) {
    const s = trace.spans[i]!;
    side.total += s.duration + s.late;
    side.self += s.self;
    side.failed += Number(s.failed);
  }
  return side;
}

const rootsOf = (t: TraceView) => t.spans.flatMap((s, i) => (s.parent < 0 ? [i] : []));
const belowOf = (t: TraceView, spans: number[]) => spans.flatMap((i) => children(t.spans, i));

const keyOf = (t: TraceView, i: number) => {
  const s = t.spans[i]!;
  return `${t.resources[s.resource]?.service ?? ""}\n${s.name}\n${s.kind}`;
};

/**
 * Where two traces are laid over each other: at their roots, or, where those are
 * of different requests, at the highest place that both come to. Name is null for
 * roots.
 */
export function startOf(a: TraceView, b: TraceView): { a: number[]; b: number[]; name: string | null } {
  const roots = { a: rootsOf(a), b: rootsOf(b), name: null };
  const ofB = new Set(roots.b.map((i) => keyOf(b, i)));
  if (roots.a.some((i) => ofB.has(keyOf(a, i)))) return roots;
  const places = (t: TraceView) => {
    const out = new Map<string, { depth: number; below: number }>();
    t.spans.forEach((s, i) => {
      const k = keyOf(t, i);
      const seen = out.get(k);
      if (!seen || s.depth < seen.depth) out.set(k, { depth: s.depth, below: s.below });
    });
    return out;
  };
  const [left, right] = [places(a), places(b)];
  const both = [...left.keys()].filter((k) => right.has(k));
  const sum = (k: string, what: "depth" | "below") => left.get(k)![what] + right.get(k)![what];
  both.sort((x, y) => sum(x, "depth") - sum(y, "depth") || sum(y, "below") - sum(x, "below") || (x < y ? -1 : 1));
  const best = both[0];
  if (best === undefined) return roots;
  const there = (t: TraceView, depth: number) => t.spans.flatMap((s, i) => (s.depth === depth && keyOf(t, i) === best ? [i] : []));
  const [service, name] = best.split("\n");
  return { a: there(a, left.get(best)!.depth), b: there(b, right.get(best)!.depth), name: `${service} ${name}` };
}

/**
 * Lays the shapes of two traces over each other: spans of the same service, name
 * and kind below the same place stand together, in the order of the first trace
 * and then of the second.
 */
export function merge(a: TraceView, b: TraceView): Place[] {
  const out: Place[] = [];
  interface Job {
    a: number[];
    b: number[];
    depth: number;
    above: string;
  }
  const visit = (job: Job): Job[] => {
    const [left, right] = [groupsOf(a, job.a), groupsOf(b, job.b)];
    const keys = [...new Set([...left.keys(), ...right.keys()])];
    const start = (k: string) => left.get(k)?.start ?? right.get(k)!.start;
    keys.sort((x, y) => start(x) - start(y) || (x < y ? -1 : 1));
    return keys.map((k) => {
      const [l, r] = [left.get(k), right.get(k)];
      return { a: l?.spans ?? [], b: r?.spans ?? [], depth: job.depth, above: `${job.above}\n\n${k}` };
    });
  };
  const from = startOf(a, b);
  const stack = visit({ a: from.a, b: from.b, depth: 0, above: "" }).reverse();
  while (stack.length > 0) {
    const job = stack.pop()!;
    const [trace, first] = job.a.length > 0 ? [a, job.a[0]!] : [b, job.b[0]!];
    const s = trace.spans[first]!;
    out.push({
      key: job.above,
      service: trace.resources[s.resource]?.service ?? "",
      name: s.name,
      kind: s.kind,
      depth: job.depth,
      a: job.a.length > 0 ? sideOf(a, job.a) : null,
      b: job.b.length > 0 ? sideOf(b, job.b) : null,
    });
    stack.push(...visit({ a: belowOf(a, job.a), b: belowOf(b, job.b), depth: job.depth + 1, above: job.above }).reverse());
  }
  return out;
}

/** What is worth saying of a place: empty where both are alike. */
export function difference(p: Place): string[] {
  if (p.a === null) return ["only in the second"];
  if (p.b === null) return ["only in the first"];
  const out: string[] = [];
  if (p.a.count !== p.b.count) out.push(`${p.a.count} → ${p.b.count} times`);
  if (p.b.failed > p.a.failed) out.push(`${p.b.failed} failed`);
  return out;
}
