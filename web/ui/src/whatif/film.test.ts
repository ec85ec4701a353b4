import { expect, test } from "vitest";
import type { ReplayView, Setting } from "../api/types";
import type { PictureModel } from "../picture/model";
import { courseAt, filmsOf, marked } from "./film";

const edge = (pressure: number[]) => ({
  caller: "service:a",
  callee: "database:d",
  async: false,
  pressure,
  rate: [1, 2],
  mean: [0.1, 0.2],
  error_share: [0, 0.5],
  amplification: [1, 3],
});

const view: ReplayView = {
  known: true,
  frame_seconds: 10,
  times: ["2026-03-12T14:00:00Z", "2026-03-12T14:00:10Z"],
  happened: { nodes: [{ node: "service:a", own: [0, 4], inherited: [0, 6], error_share: [0, 0.5] }], edges: [edge([0, 8])] },
  changed: { nodes: [{ node: "service:a", own: [0, 1], inherited: [-1, 2], error_share: [0, 0] }], edges: [edge([0, 2])] },
};

test("both films have one scale, and rest where most pressed in what happened", () => {
  const { happened, changed, worst } = filmsOf(view);
  expect([happened.mostNode, changed.mostNode, happened.mostEdge, changed.mostEdge]).toEqual([10, 10, 8, 8]);
  expect(worst).toBe(1);
  expect(changed.at(0).nodes.get("service:a")).toEqual({ own: 0, inherited: 0, failed: 0 });
  expect(happened.at(1).edges.get("service:a->database:d")).toMatchObject({ pressure: 8, amplification: 3, failed: 0.5 });
});

test("how users fared is that of the window that a time stands in", () => {
  const at = (t: number) => ({ t, requests: 1, p95: t, failed_share: 0 });
  const outcome = { p95: 0, failed_share: 0, pain_seconds: 0, recovered: true, seconds_to_recovery: 0, course: [at(-10), at(0), at(10)] };
  expect(courseAt(outcome, 60_000, 60_000)?.t).toBe(0);
  expect(courseAt(outcome, 60_000, 69_999)?.t).toBe(10);
  expect(courseAt(outcome, 60_000, 40_000)).toBeUndefined();
});

test("what was changed is marked: calls by their ends, of any caller too, and nodes by their name", () => {
  const base = { words: "w", cells: [], width: 1, pressed: false, retries: null, async: false, callerName: "", calleeName: "" };
  const picture: PictureModel = {
    nodes: [{ id: "database:d", kind: "database", name: "d", entry: false, line: "", own: 0, inherited: 0, cause: 0, words: "w" }],
    edges: [
      { ...base, id: "1", caller: "service:a", callee: "database:d" },
      { ...base, id: "2", caller: "service:b", callee: "database:d" },
    ],
    left: 0,
    leftWords: "",
  };
  const change = (target: string, kind: Setting["kind"]): Setting => ({ kind, target, value: 1, at: null });
  expect(marked(picture, [change("a->d", "timeout")]).edges.map((e) => e.cut)).toEqual([true, undefined]);
  expect(marked(picture, [change("*->d", "cap-retries")]).edges.map((e) => e.cut)).toEqual([true, true]);
  expect(marked(picture, [change("d", "pool")]).nodes[0]?.mark).toBe("focus");
  expect(marked(picture, [change("d", "shed")]).nodes[0]?.mark).toBeUndefined();
});
