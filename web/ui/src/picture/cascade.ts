import type { EdgeView, Incident, NodeView } from "../api/types";
import { growth, perSecond, seconds, share, significant, times } from "../format/number";
import { nodeName } from "../format/words";
import { adviceOf } from "../incident/advice";
import type { EdgeNow, Film, Frame, NodeNow } from "../incident/film";
import type { Shared } from "../api/types";
import type { PictureEdge, PictureModel, PictureNode } from "./model";
import { edgeWidth, faint, retried } from "./scale";

/** The most nodes of a cascade: more is no picture any more. The graph shows all. */
const mostDrawn = 36;

/** One window of the incident, drawn by the scales of its whole film. */
export interface Now {
  film: Film;
  frame: Frame;
}

/**
 * The picture of an incident: the most pressed nodes and the calls between them,
 * as they were over the whole of it, or in one window. Which nodes and edges there
 * are is the same in every window, so that nothing moves when it plays.
 */
export function cascadePicture(
  incident: Pick<Incident, "nodes" | "edges"> & Partial<Pick<Incident, "causes" | "containment">>,
  { now = null, shared = [], most = mostDrawn }: { now?: Now | null; shared?: Shared[]; most?: number } = {},
): PictureModel {
  const onPath = new Set((incident.causes ?? []).slice(0, 3).flatMap((c) => c.path as string[]));
  const kept = mostPressed(incident.nodes, most, onPath);
  const ids = new Set(kept.map((n) => n.id));
  const highest = Math.max(0, ...kept.map(pressureOf));
  const edges = incident.edges.filter((e) => ids.has(e.caller) && ids.has(e.callee));
  const widest = Math.max(0, ...edges.map((e) => e.pressure));
  const pressing = pressedBy(edges, widest);
  const ties = shared.filter((s) => s.members.some((m) => ids.has(m)));
  const left = incident.nodes.length - kept.length;
  const cut = adviceOf(incident).cut?.edge;
  const marked = (e: PictureEdge): PictureEdge => (e.id === cut ? { ...e, cut: true, words: `${e.words}; cut here` } : e);
  return {
    nodes: [
      ...kept.map((n) => {
        const node = { ...nodeOf(n, highest), shared: pressing.get(n.id) ?? 0 };
        return now ? nodeInWindow(node, now.frame.nodes.get(n.id), now.film.mostNode) : node;
      }),
      ...ties.map(sharedNode),
    ],
    edges: [
      ...edges.map((e) => {
        const edge = edgeOf(e, widest);
        const at = now?.frame.edges.get(edge.id);
        return marked(now && at ? edgeInWindow(edge, at, e.baseline_amplification, now.film.mostEdge) : edge);
      }),
      ...ties.flatMap((s) => s.members.filter((m) => ids.has(m)).map((m, i) => tie(s, m, s.kind === "pool" && i > 0))),
    ],
    left,
    leftWords: left === 0 ? "" : `${left} more ${left === 1 ? "node is" : "nodes are"} pressed less and not drawn.`,
  };
}

function nodeInWindow(node: PictureNode, now: NodeNow | undefined, most: number): PictureNode {
  const { own, inherited, failed } = now ?? { own: 0, inherited: 0, failed: 0 };
  const part = (v: number) => (most > 0 ? v / most : 0);
  const failing = failed >= 0.005 ? `${share(failed)} failed` : "";
  const pressed = own + inherited > most * faint ? `+${significant(own + inherited)}${failing === "" ? " in flight" : ""}` : "";
  return {
    ...node,
    own: part(own),
    inherited: part(inherited),
    line: [pressed, failing].filter((w) => w !== "").join(", ") || "as usual",
    words: `${node.name}, ${node.kind}; pressure ${significant(own)} own, ${significant(inherited)} inherited; ${share(failed)} failed`,
  };
}

function edgeInWindow(edge: PictureEdge, now: EdgeNow, usual: number, most: number): PictureEdge {
  const pressed = most > 0 && now.pressure / most > faint;
  const retries = retried(now.amplification, usual);
  return {
    ...edge,
    pressed,
    width: edgeWidth(pressed ? now.pressure : 0, most),
    retries: retries ? times(now.amplification) : null,
    words: [
      `${edge.callerName} calls ${edge.calleeName}`,
      perSecond(now.rate),
      `mean ${seconds(now.mean)}`,
      `${share(now.failed)} failed`,
      ...(retries ? [`${times(now.amplification)} attempts per call`] : []),
      `carries pressure ${significant(Math.max(0, now.pressure))}`,
    ].join("; "),
  };
}

/** The least part of the most pressed edge's pressure that makes an edge count as pressed by what is shared. */
const worthTelling = 0.1;

/** On how many callers each database, cache, queue or outside service presses: several are tied together by it. */
function pressedBy(edges: EdgeView[], widest: number): Map<string, number> {
  const out = new Map<string, number>();
  for (const e of edges)
    if (e.caller !== e.callee && !e.callee.startsWith("service:") && widest > 0 && e.pressure / widest >= worthTelling)
      out.set(e.callee, (out.get(e.callee) ?? 0) + 1);
  return out;
}

/** What nodes share and is no node itself: a host, a pool of connections, a version. */
const sharedNode = (s: Shared): PictureNode => ({
  id: sharedId(s),
  kind: s.kind,
  name: s.kind === "pool" ? "connections" : s.name,
  entry: false,
  line: s.kind === "host" ? `host of ${s.members.length}` : s.kind === "pool" ? `to ${nodeName(s.members[1] ?? "")}` : "version",
  own: 0,
  inherited: 0,
  cause: s.cause,
  words: `${s.name}, ${s.kind}, ${sharedWords(s)}; cause ${s.cause}`,
});

export const sharedId = (s: Shared) => `${s.kind}:${s.name}`;

/** Who shares it, and how. */
export function sharedWords(s: Shared): string {
  const names = s.members.map(nodeName);
  switch (s.kind) {
    case "pool":
      return `${names[0] ?? ""} waits for a connection before it can call ${names[1] ?? ""}`;
    case "version":
      return `what ${names.join(", ")} runs`;
    default:
      return `copies of ${names.join(", ")} run on it`;
  }
}

const tie = (s: Shared, member: string, beyond: boolean): PictureEdge => {
  const [caller, callee] = beyond ? [sharedId(s), member] : [member, sharedId(s)];
  const [from, to] = beyond ? [s.name, nodeName(member)] : [nodeName(member), s.name];
  const how = s.kind === "pool" ? (beyond ? "leads to" : "waits for") : s.kind === "version" ? "runs version" : "runs on";
  return {
    id: `${caller}--${callee}`,
    caller,
    callee,
    callerName: from,
    calleeName: to,
    async: false,
    tie: true,
    width: edgeWidth(0, 0),
    pressed: false,
    retries: null,
    words: `${from} ${how} ${to}`,
    cells: [`${how} it`, "", "", "", "", ""],
  };
};

const pressureOf = (n: NodeView) => Math.max(0, n.own) + Math.max(0, n.inherited);

/** The nodes to draw: causes, what leads to them, then by pressure; ties by id. In the order given. */
function mostPressed(nodes: NodeView[], most: number, onPath: ReadonlySet<string>): NodeView[] {
  if (nodes.length <= most) return nodes;
  const order = [...nodes].sort(
    (a, b) =>
      Number(b.cause > 0) - Number(a.cause > 0) ||
      Number(onPath.has(b.id)) - Number(onPath.has(a.id)) ||
      pressureOf(b) - pressureOf(a) ||
      Number(b.entry) - Number(a.entry) ||
      (a.id < b.id ? -1 : 1),
  );
  const kept = new Set(order.slice(0, most));
  return nodes.filter((n) => kept.has(n));
}

function nodeOf(n: NodeView, highest: number): PictureNode {
  const part = (v: number) => (highest > 0 ? Math.max(0, v) / highest : 0);
  const grew = growth(n.baseline_mean, n.mean);
  const line =
    n.mean === 0 && n.baseline_mean === 0
      ? ""
      : grew === "as before"
        ? seconds(n.mean)
        : `${seconds(n.baseline_mean)} → ${seconds(n.mean)}`;
  return {
    id: n.id,
    kind: n.kind,
    name: n.name,
    entry: n.entry,
    line,
    own: part(n.own),
    inherited: part(n.inherited),
    cause: n.cause,
    words: [
      `${n.name}, ${n.kind}`,
      ...(n.cause > 0 ? [`cause ${n.cause}`] : []),
      ...(n.entry ? ["users enter here"] : []),
      `mean ${seconds(n.baseline_mean)} at the baseline, ${seconds(n.mean)} now`,
      `pressure ${significant(n.own)} own, ${significant(n.inherited)} inherited`,
      `${share(n.error_share)} failed`,
    ].join("; "),
  };
}

function edgeOf(e: EdgeView, widest: number): PictureEdge {
  const retries = retried(e.amplification, e.baseline_amplification);
  const pressed = widest > 0 && e.pressure / widest > faint;
  const [from, to] = [nodeName(e.caller), nodeName(e.callee)];
  return {
    id: `${e.caller}${e.async ? "~>" : "->"}${e.callee}`,
    caller: e.caller,
    callee: e.callee,
    callerName: from,
    calleeName: to,
    async: e.async,
    width: pressed ? edgeWidth(e.pressure, widest) : edgeWidth(0, widest),
    pressed,
    retries: retries ? times(e.amplification) : null,
    words: [
      `${from} calls ${to}`,
      `${perSecond(e.baseline_rate)} → ${perSecond(e.rate)}`,
      `mean ${seconds(e.baseline_mean)} → ${seconds(e.mean)}`,
      `${share(e.error_share)} failed`,
      ...(retries ? [`${times(e.amplification)} attempts per call`] : []),
      `carries pressure ${significant(e.pressure)}`,
    ].join("; "),
    cells: [
      change(perSecond(e.baseline_rate), perSecond(e.rate)),
      change(seconds(e.baseline_mean), seconds(e.mean)),
      change(seconds(e.baseline_p95), seconds(e.p95)),
      change(share(e.baseline_error_share), share(e.error_share)),
      times(e.amplification),
      significant(e.pressure),
    ],
  };
}

const change = (before: string, after: string) => (before === after ? after : `${before} → ${after}`);
