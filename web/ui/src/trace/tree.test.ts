import { expect, test } from "vitest";
import golden from "../../../testdata/trace.json";
import type { SpanView, TraceView } from "../api/types";
import { children, rulerSteps, selfStretches, visible, windowOf } from "./tree";

const spans = (golden as unknown as TraceView).spans;

test("a folded span hides all below it and nothing else", () => {
  expect(visible(spans, new Set())).toHaveLength(spans.length);
  const shut = spans.findIndex((s) => s.below > 3 && s.depth > 0);
  const rows = visible(spans, new Set([shut]));
  expect(rows).toHaveLength(spans.length - spans[shut]!.below);
  expect(rows).toContain(shut);
  expect(rows).not.toContain(shut + 1);
});

test("own stretches add up to the own time that the server counts", () => {
  spans.forEach((span, i) => {
    const sum = selfStretches(spans, i).reduce((n, s) => n + s.to - s.from, 0);
    expect(sum, span.name).toBe(span.self);
  });
});

test("children are the spans one level below, in order", () => {
  for (const child of children(spans, 0)) expect(spans[child]!.parent).toBe(0);
  expect(children(spans, 0)).toHaveLength(spans.filter((s: SpanView) => s.parent === 0).length);
});

test("only rows in sight are drawn", () => {
  expect(windowOf(10_000, 26, 26_000, 520, 8)).toEqual({ first: 992, last: 1028 });
  expect(windowOf(3, 26, 0, 520)).toEqual({ first: 0, last: 3 });
  expect(windowOf(3, 26, 99_999, 520)).toEqual({ first: 3, last: 3 });
});

test("the ruler has round steps", () => {
  expect(rulerSteps(7.29e9, 7)).toEqual([0, 2e9, 4e9, 6e9]);
  expect(rulerSteps(0, 7)).toEqual([0]);
});
