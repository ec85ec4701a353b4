import { expect, test } from "vitest";
import { plan } from "./layout";
import { box } from "./model";

const edge = (from: string, to: string) => ({ id: `${from}->${to}`, from, to });

test("callers stand left of callees, and lines go from side to side", () => {
  const p = plan({ nodes: ["a", "b", "c"], edges: [edge("a", "b"), edge("b", "c"), edge("a", "c")] });
  expect(p.nodes.a!.x).toBeLessThan(p.nodes.b!.x);
  expect(p.nodes.b!.x).toBeLessThan(p.nodes.c!.x);
  for (const [id, line] of Object.entries(p.edges)) {
    const [from, to] = id.split("->") as [string, string];
    expect(line[0]!.x).toBeCloseTo(p.nodes[from]!.x + box.width / 2);
    expect(line[line.length - 1]!.x).toBeCloseTo(p.nodes[to]!.x - box.width / 2);
  }
});

test("a line over several columns runs behind no box", () => {
  const p = plan({ nodes: ["a", "b", "c", "d"], edges: [edge("a", "b"), edge("b", "c"), edge("c", "d"), edge("a", "d")] });
  for (const point of p.edges["a->d"]!)
    for (const id of ["b", "c"]) {
      const n = p.nodes[id]!;
      const inside = Math.abs(point.x - n.x) < box.width / 2 && Math.abs(point.y - n.y) < box.height / 2;
      expect(inside).toBe(false);
    }
});

test("circles, calls of itself, parallel edges and lone nodes are drawn within the frame", () => {
  const p = plan({
    nodes: ["a", "b", "lone"],
    edges: [edge("a", "b"), edge("b", "a"), edge("a", "a"), { id: "a~>b", from: "a", to: "b" }],
  });
  expect(Object.keys(p.edges).sort()).toEqual(["a->a", "a->b", "a~>b", "b->a"]);
  for (const line of Object.values(p.edges))
    for (const { x, y } of line) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(p.width);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y).toBeLessThanOrEqual(p.height);
    }
});

test("nothing is laid out as nothing", () => {
  expect(plan({ nodes: [], edges: [] })).toEqual({ width: 0, height: 0, nodes: {}, edges: {} });
});
