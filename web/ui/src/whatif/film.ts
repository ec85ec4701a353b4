import type { Outcome, ReplaySide, ReplayView, Setting } from "../api/types";
import { edgeId, edgeNow, type Film, type Frame } from "../incident/film";
import { nodeName } from "../format/words";
import type { PictureEdge, PictureModel, PictureNode } from "../picture/model";

/** What happened and what would have, in motion: drawn by the same scales. */
export interface Films {
  happened: Film;
  changed: Film;
  /** The window in which most pressed in what happened. */
  worst: number;
}

export function filmsOf(view: ReplayView): Films {
  const times = view.times.map((t) => Date.parse(t));
  const pressed = (side: ReplaySide, i: number) => side.nodes.map((n) => Math.max(0, n.own[i] ?? 0) + Math.max(0, n.inherited[i] ?? 0));
  const peak = (values: number[]) => values.reduce((a, b) => Math.max(a, b), 0);
  const sides = [view.happened, view.changed];
  const scales = {
    times,
    stepMs: view.frame_seconds * 1000,
    mostNode: peak(sides.flatMap((s) => times.map((_, i) => peak(pressed(s, i))))),
    mostEdge: peak(sides.flatMap((s) => s.edges.map((e) => peak(e.pressure)))),
  };
  const sums = times.map((_, i) => pressed(view.happened, i).reduce((a, b) => a + b, 0));
  return {
    happened: { ...scales, at: (i) => frameOf(view.happened, times, i) },
    changed: { ...scales, at: (i) => frameOf(view.changed, times, i) },
    worst: Math.max(0, sums.indexOf(peak(sums))),
  };
}

function frameOf(side: ReplaySide, times: number[], i: number): Frame {
  return {
    from: times[i] ?? 0,
    nodes: new Map(
      side.nodes.map((n) => [n.node, { own: Math.max(0, n.own[i] ?? 0), inherited: Math.max(0, n.inherited[i] ?? 0), failed: n.error_share[i] ?? 0 }]),
    ),
    edges: new Map(side.edges.map((e) => [edgeId(e), edgeNow(e, i)])),
  };
}

/** How users fared at a time, in milliseconds; start is the incident's. */
export function courseAt(outcome: Outcome, start: number, t: number): Outcome["course"][number] | undefined {
  return outcome.course.findLast((p) => start + p.t * 1000 <= t + 500);
}

const anyone = "*";

/** The picture with a mark at what was changed. */
export function marked(picture: PictureModel, changes: Setting[]): PictureModel {
  const ends = changes.map((c) => c.target.split("->"));
  const is = (id: string, name: string | undefined) => name === anyone || name === id || name === nodeName(id);
  const edge = (e: PictureEdge) => !e.tie && ends.some(([a, b]) => b !== undefined && is(e.caller, a) && is(e.callee, b));
  const node = (n: PictureNode) => ends.some(([a, b], i) => b === undefined && changes[i]!.kind !== "shed" && is(n.id, a));
  return {
    ...picture,
    nodes: picture.nodes.map((n) => (node(n) ? { ...n, mark: "focus" as const, words: `${n.words}; changed here` } : n)),
    edges: picture.edges.map((e) => (edge(e) ? { ...e, cut: true, words: `${e.words}; changed here` } : e)),
  };
}
