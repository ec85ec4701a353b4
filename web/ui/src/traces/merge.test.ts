import { expect, test } from "vitest";
import type { FoundTrace } from "../api/types";
import { merged } from "./merge";

const found = (id: string, duration: number, matches = 1, second = 0): FoundTrace => ({
  id,
  service: "front",
  name: "GET /",
  start: `2026-03-12T14:00:0${second}Z`,
  duration,
  failed: false,
  spans: 3,
  failures: 0,
  matches,
  match: { span_id: "1", service: "front", name: "GET /", duration, outcome: "ok" },
});

test("the newest stand first, and a trace with spans in two parts stands once", () => {
  const list = merged([found("a", 1, 1, 5), found("b", 2)], [found("b", 3, 2), found("c", 1, 1, 7)], false, 2);
  expect(list.map((t) => [t.id, t.match.duration, t.matches])).toEqual([["c", 1, 1], ["a", 1, 1], ["b", 3, 3]]);
});

test("of the longest so many are kept", () => {
  const list = merged([found("a", 1), found("b", 2)], [found("c", 5), found("d", 1.5)], true, 3);
  expect(list.map((t) => t.id)).toEqual(["c", "b", "d"]);
});
