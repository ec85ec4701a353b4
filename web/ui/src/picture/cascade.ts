import type { EdgeView, Incident, NodeView } from "../api/types";
import { growth, perSecond, seconds, share, significant, times } from "../format/number";
import { nodeName } from "../format/words";
import { mostNodes, type PictureEdge, type PictureModel, type PictureNode } from "./model";
import { edgeWidth, faint, retried } from "./scale";

/** The picture of an incident: the most pressed nodes and the calls between them. */
export function cascadePicture(incident: Pick<Incident, "nodes" | "edges">, most = mostNodes): PictureModel {
  const kept = mostPressed(incident.nodes, most);
  const ids = new Set(kept.map((n) => n.id));
  const highest = Math.max(0, ...kept.map(pressureOf));
  const edges = incident.edges.filter((e) => ids.has(e.caller) && ids.has(e.callee));
  const widest = Math.max(0, ...edges.map((e) => e.pressure));
  const left = incident.nodes.length - kept.length;
  return {
    nodes: kept.map((n) => nodeOf(n, highest)),
    edges: edges.map((e) => edgeOf(e, widest)),
    left,
    leftWords: left === 0 ? "" : `${left} more ${left === 1 ? "node is" : "nodes are"} pressed less and not drawn.`,
  };
}

const pressureOf = (n: NodeView) => Math.max(0, n.own) + Math.max(0, n.inherited);

/** The nodes to draw: causes, then by pressure; ties by id. In the order given. */
function mostPressed(nodes: NodeView[], most: number): NodeView[] {
  if (nodes.length <= most) return nodes;
  const order = [...nodes].sort(
    (a, b) =>
      Number(b.cause > 0) - Number(a.cause > 0) ||
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
