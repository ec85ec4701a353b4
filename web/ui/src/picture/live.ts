import type { GraphNode, GraphView } from "../api/types";
import { perSecond, seconds, share, times } from "../format/number";
import { nodeName } from "../format/words";
import type { PictureModel } from "./model";
import { edgeWidth, retried } from "./scale";

/** The most nodes at a glance; the graph's own page shows all. */
const mostAtAGlance = 32;
const mostEntries = 8;

/** The picture of the live graph: where users enter, and the main ways from there. */
export function livePicture(graph: GraphView, most = mostAtAGlance): PictureModel {
  const busiest = mainWays(graph, most);
  const ids = new Set(busiest.map((n) => n.id));
  const nodes = graph.nodes.filter((n) => ids.has(n.id));
  const left = graph.nodes.length - nodes.length;
  return {
    nodes: nodes.map((n) => ({
      id: n.id,
      kind: n.kind,
      name: n.name,
      entry: n.entry,
      line: `${perSecond(n.rate)} · ${seconds(n.mean)}`,
      own: 0,
      inherited: 0,
      cause: 0,
      words: [
        `${n.name}, ${n.kind}`,
        ...(n.entry ? ["users enter here"] : []),
        perSecond(n.rate),
        `mean ${seconds(n.mean)}`,
        `p95 ${seconds(n.p95)}`,
        `${share(n.error_share)} failed`,
      ].join("; "),
    })),
    edges: graph.edges
      .filter((e) => ids.has(e.caller) && ids.has(e.callee))
      .map((e) => {
        const [from, to] = [nodeName(e.caller), nodeName(e.callee)];
        return {
          id: `${e.caller}${e.async ? "~>" : "->"}${e.callee}`,
          caller: e.caller,
          callee: e.callee,
          callerName: from,
          calleeName: to,
          async: e.async,
          width: edgeWidth(0, 0),
          pressed: false,
          retries: retried(e.amplification, 1) ? times(e.amplification) : null,
          words: `${from} calls ${to}; ${perSecond(e.rate)}; mean ${seconds(e.mean)}; ${share(e.error_share)} failed`,
          cells: [perSecond(e.rate), seconds(e.mean), seconds(e.p95), share(e.error_share), times(e.amplification), "0"],
        };
      }),
    left,
    leftWords: left === 0 ? "" : `${left} more ${left === 1 ? "node is" : "nodes are"} called less often and not drawn.`,
  };
}

/** The busiest entries, and then whoever is called most by those who are chosen already. */
function mainWays(graph: GraphView, most: number): GraphNode[] {
  if (graph.nodes.length <= most) return graph.nodes;
  const byRate = [...graph.nodes].sort((a, b) => b.rate - a.rate || (a.id < b.id ? -1 : 1));
  const entries = byRate.filter((n) => n.entry).slice(0, mostEntries);
  const chosen = new Set((entries.length > 0 ? entries : byRate.slice(0, 1)).map((n) => n.id));
  const edges = [...graph.edges].sort((a, b) => b.rate - a.rate || (a.caller + a.callee < b.caller + b.callee ? -1 : 1));
  while (chosen.size < most) {
    const next = edges.find((e) => chosen.has(e.caller) && !chosen.has(e.callee));
    if (!next) break;
    chosen.add(next.callee);
  }
  return graph.nodes.filter((n) => chosen.has(n.id));
}
