import { expect, test } from "vitest";
import type { GraphEdge, GraphNode, GraphView } from "../api/types";
import { reach, select, stem } from "./select";

const node = (i: number): GraphNode => ({
  id: `service:s/team${i % 7}-svc-${i}`,
  kind: "service",
  name: `team${i % 7}-svc-${i}`,
  entry: i === 0,
  rate: 1000 - i,
  error_share: i === 999 ? 0.5 : 0,
  mean: 0.01,
  p95: 0.02,
});
const nodes = Array.from({ length: 1000 }, (_, i) => node(i));
const edges: GraphEdge[] = nodes.slice(1).map((n, i) => ({
  caller: nodes[Math.floor(i / 3)]!.id,
  callee: n.id,
  async: false,
  rate: n.rate,
  error_share: 0,
  amplification: 1,
  mean: 0.01,
  p95: 0.02,
}));
const graph: GraphView = { range: { start: "", end: "" }, spans: 1, nodes, edges };
const whole = { focus: null, depth: 2, open: [] };

test("of a thousand nodes at most 150 places are laid out, and none is lost", () => {
  const { picture, groups, reached } = select(graph, whole);
  expect(picture.nodes.length).toBeLessThanOrEqual(150);
  expect(reached).toBe(1000);
  const grouped = groups.reduce((n, g) => n + g.members.length, 0);
  expect(picture.nodes.length - groups.length + grouped).toBe(1000);
  expect(picture.nodes.some((n) => n.id === nodes[999]!.id)).toBe(true); // it fails
  const ids = new Set(picture.nodes.map((n) => n.id));
  expect(ids.size).toBe(picture.nodes.length);
  expect(picture.edges.every((e) => ids.has(e.caller) && ids.has(e.callee))).toBe(true);
  expect(new Set(picture.edges.map((e) => e.id)).size).toBe(picture.edges.length);
});

test("an opened group's members are drawn", () => {
  const key = select(graph, whole).groups[0]!.key;
  const { groups, picture } = select(graph, { ...whole, open: [key] });
  const before = select(graph, whole).groups[0]!.members.length;
  const after = groups.find((g) => g.key === key)?.members.length ?? 0;
  expect(after).toBeLessThan(before);
  expect(picture.nodes.length).toBeLessThanOrEqual(150);
});

test("a focus shows who is near", () => {
  expect(reach(graph, nodes[0]!.id, 1).length).toBe(4);
  expect(reach(graph, nodes[0]!.id, 2).length).toBe(13);
  expect(reach(graph, "service:unknown", 2)).toEqual([]);
  const { picture, groups } = select(graph, { focus: nodes[50]!.id, depth: 1, open: [] });
  expect(groups).toEqual([]);
  expect(picture.nodes.length).toBe(5);
});

test("names are alike in their first word", () => {
  expect(stem({ kind: "service", name: "cart-eu-7" })).toBe("service cart…");
  expect(stem({ kind: "service", name: "7" })).toBe("service 7…");
});
