import type { EdgeFrames, FramesView, Incident } from "../api/types";

/** What one node or edge does in one window. */
export interface NodeNow {
  own: number;
  inherited: number;
  failed: number;
}

export interface EdgeNow {
  pressure: number;
  rate: number;
  mean: number;
  failed: number;
  amplification: number;
}

/** One window of an incident, as the picture shows it. */
export interface Frame {
  /** Unix milliseconds. */
  from: number;
  nodes: Map<string, NodeNow>;
  /** Empty where the windows of the calls are no longer kept. */
  edges: Map<string, EdgeNow>;
}

/** An incident in motion: its windows in order, and the scales that hold for all of them. */
export interface Film {
  times: number[];
  stepMs: number;
  mostNode: number;
  mostEdge: number;
  at: (index: number) => Frame;
}

export const edgeId = (e: { caller: string; callee: string; async: boolean }) =>
  `${e.caller}${e.async ? "~>" : "->"}${e.callee}`;

/** Puts the timeline's cells and the calls' frames together by time. */
export function filmOf(incident: Incident, frames: FramesView | null, windowSeconds: number): Film {
  const times = [...new Set(incident.timeline.flatMap((r) => r.cells.map((c) => Date.parse(c.t))))].sort((a, b) => a - b);
  const rows = incident.timeline.map((r) => ({
    node: r.node,
    cells: new Map(r.cells.map((c) => [Date.parse(c.t), c])),
  }));
  const begins = (frames?.times ?? []).map((t) => Date.parse(t));
  const long = (frames?.frame_seconds ?? 0) * 1000;
  const edges = frames?.edges ?? [];
  const peak = (values: number[]) => values.reduce((a, b) => Math.max(a, b), 0);
  return {
    times,
    stepMs: windowSeconds * 1000,
    mostNode: peak(incident.timeline.flatMap((r) => r.cells.map((c) => Math.max(0, c.own) + Math.max(0, c.inherited)))),
    mostEdge: peak(edges.flatMap((e) => e.pressure)),
    at: (index) => {
      const from = times[index] ?? 0;
      const frame: Frame = { from, nodes: new Map(), edges: new Map() };
      for (const r of rows) {
        const c = r.cells.get(from);
        if (c) frame.nodes.set(r.node, { own: Math.max(0, c.own), inherited: Math.max(0, c.inherited), failed: c.failed_share });
      }
      const i = frameAt(begins, long, from);
      if (i >= 0) for (const e of edges) frame.edges.set(edgeId(e), edgeNow(e, i));
      return frame;
    },
  };
}

/** The frame that a time falls into, -1 for none. */
export function frameAt(begins: number[], long: number, t: number): number {
  for (let i = begins.length - 1; i >= 0; i--) {
    const begin = begins[i]!;
    if (begin <= t) return t < begin + long ? i : -1;
  }
  return -1;
}

/** What a call does in one frame. */
export const edgeNow = (e: EdgeFrames, i: number): EdgeNow => ({
  pressure: e.pressure[i] ?? 0,
  rate: e.rate[i] ?? 0,
  mean: e.mean[i] ?? 0,
  failed: e.error_share[i] ?? 0,
  amplification: e.amplification[i] ?? 1,
});

/** The index of the window that a time stands in or is nearest to; null without windows. */
export function indexOf(film: Film, t: number | null): number | null {
  if (t === null || Number.isNaN(t) || film.times.length === 0) return null;
  let best = 0;
  film.times.forEach((time, i) => {
    if (time <= t) best = i;
  });
  return best;
}

/** What an incident is doing at a time, in words. */
export function phaseAt(incident: Pick<Incident, "phases" | "start" | "end" | "metastable">, t: number): string {
  if (t < Date.parse(incident.start)) return "before it";
  for (const p of incident.phases)
    if (Date.parse(p.start) <= t && t < Date.parse(p.end))
      return p.name === "recovery" && incident.metastable ? "kept up" : p.name;
  if (incident.end !== null && t >= Date.parse(incident.end)) return "after it";
  return "in the incident";
}
