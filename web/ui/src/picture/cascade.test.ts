import { expect, test } from "vitest";
import golden from "../../../testdata/incident.json";
import type { EdgeView, IncidentView, NodeView } from "../api/types";
import { cascadePicture } from "./cascade";

const incident = (golden as IncidentView).incident;

test("the shop's cascade: causes, pressure and retries", () => {
  const picture = cascadePicture(incident);
  const node = (name: string) => picture.nodes.find((n) => n.name === name)!;
  expect(picture.left).toBe(0);
  expect(node("orders-db")).toMatchObject({ kind: "database", cause: 1, inherited: 0 });
  expect(node("checkout").own + node("checkout").inherited).toBe(1);
  expect(node("gateway").entry).toBe(true);
  const edge = picture.edges.find((e) => e.callerName === "checkout" && e.calleeName === "orders")!;
  expect(edge).toMatchObject({ retries: "3.4×", pressed: true, width: 11 });
  const calm = picture.edges.find((e) => e.calleeName === "pricing")!;
  expect(calm).toMatchObject({ retries: null, pressed: false });
});

const node = (id: number, more: Partial<NodeView> = {}): NodeView => ({
  id: `service:s${id}`,
  kind: "service",
  name: `s${id}`,
  entry: false,
  own: id,
  inherited: 0,
  rate: 1,
  error_share: 0,
  baseline_mean: 1,
  mean: 1,
  onset: null,
  cause: 0,
  ...more,
});

const edge = (caller: number, callee: number): EdgeView => ({
  caller: `service:s${caller}`,
  callee: `service:s${callee}`,
  async: false,
  pressure: 0,
  rate: 1,
  baseline_rate: 1,
  error_share: 0,
  baseline_error_share: 0,
  amplification: 1,
  baseline_amplification: 1,
  mean: 1,
  baseline_mean: 1,
  p95: 1,
  baseline_p95: 1,
  paired: 1,
});

test("of too many nodes the causes and the most pressed stay, the rest is counted", () => {
  const nodes = Array.from({ length: 10 }, (_, i) => node(i));
  nodes[0] = node(0, { cause: 1 });
  const picture = cascadePicture({ nodes, edges: [edge(0, 9), edge(1, 9)] }, { most: 3 });
  expect(picture.nodes.map((n) => n.name)).toEqual(["s0", "s8", "s9"]);
  expect(picture.edges.map((e) => e.callerName)).toEqual(["s0"]);
  expect(picture.left).toBe(7);
  expect(picture.leftWords).toContain("7 more nodes");
});

test("without any pressure nothing is drawn as pressed", () => {
  const picture = cascadePicture({ nodes: [node(0), node(0, { id: "service:x" })], edges: [edge(0, 0)] });
  expect(picture.nodes.every((n) => n.own === 0)).toBe(true);
  expect(picture.edges.every((e) => !e.pressed)).toBe(true);
});

test("what is shared is tied to its nodes, and a pool stands between who waits and for whom", () => {
  const db = node(2, { id: "database:d", kind: "database", name: "d" });
  const pressed = (caller: number): EdgeView => ({ ...edge(caller, 0), callee: "database:d", pressure: 5 });
  const picture = cascadePicture(
    { nodes: [node(0), node(1), db], edges: [pressed(0), pressed(1)] },
    {
      shared: [
        { kind: "host", name: "vm-1", cause: 1, members: ["service:s0", "service:s1", "service:gone"] },
        { kind: "pool", name: "connections to d", cause: 2, members: ["service:s0", "database:d"] },
      ],
    },
  );
  const ties = picture.edges.filter((e) => e.tie).map((e) => [e.caller, e.callee]);
  expect(ties).toEqual([
    ["service:s0", "host:vm-1"],
    ["service:s1", "host:vm-1"],
    ["service:s0", "pool:connections to d"],
    ["pool:connections to d", "database:d"],
  ]);
  expect(picture.nodes.find((n) => n.name === "d")?.shared).toBe(2);
  expect(picture.nodes.find((n) => n.kind === "pool")).toMatchObject({ name: "connections", line: "to d", cause: 2 });
});
