import dagre from "@dagrejs/dagre";
import { box } from "./model";
import type { Point } from "./path";
import { route } from "./route";

/** What is to be laid out: ids of nodes, and pairs of them. */
export interface Sketch {
  nodes: string[];
  edges: { id: string; from: string; to: string }[];
}

/** Where everything stands: centres of nodes, lines of edges. */
export interface Plan {
  width: number;
  height: number;
  nodes: Record<string, Point>;
  edges: Record<string, Point[]>;
}

const margin = 28; // room for what stands beside a box or a line

/** Lays out callers at the left and callees at the right. */
export function plan(sketch: Sketch): Plan {
  const g = new dagre.graphlib.Graph({ multigraph: true });
  g.setGraph({ rankdir: "LR", nodesep: 24, ranksep: 74, edgesep: 18 });
  g.setDefaultEdgeLabel(() => ({}));
  for (const id of sketch.nodes) g.setNode(id, { ...box });
  for (const e of sketch.edges) g.setEdge(e.from, e.to, {}, e.id);
  dagre.layout(g);
  const nodes: Record<string, Point> = {};
  for (const id of sketch.nodes) {
    const { x, y } = g.node(id) as Point;
    nodes[id] = { x, y };
  }
  const courses = sketch.edges.map((e) => ({
    ...e,
    points: (g.edge(e.from, e.to, e.id) as { points: Point[] }).points,
  }));
  return framed(nodes, route(nodes, courses));
}

/** Moves all so that it begins at the margin, and measures it. */
function framed(nodes: Record<string, Point>, edges: Record<string, Point[]>): Plan {
  const corners = Object.values(nodes).flatMap(({ x, y }) => [
    { x: x - box.width / 2, y: y - box.height / 2 },
    { x: x + box.width / 2, y: y + box.height / 2 },
  ]);
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const p of corners.concat(...Object.values(edges))) {
    left = Math.min(left, p.x);
    right = Math.max(right, p.x);
    top = Math.min(top, p.y);
    bottom = Math.max(bottom, p.y);
  }
  if (left > right) return { width: 0, height: 0, nodes, edges };
  const moved = ({ x, y }: Point) => ({ x: x - left + margin, y: y - top + margin });
  return {
    width: right - left + 2 * margin,
    height: bottom - top + 2 * margin,
    nodes: Object.fromEntries(Object.entries(nodes).map(([id, p]) => [id, moved(p)])),
    edges: Object.fromEntries(Object.entries(edges).map(([id, line]) => [id, line.map(moved)])),
  };
}
