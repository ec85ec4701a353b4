import { expect, test } from "vitest";
import answer from "../../../testdata/trace.json";
import type { TraceView } from "../api/types";
import { difference, merge, startOf } from "./merge";

const trace = answer as unknown as TraceView;

test("a trace is like itself", () => {
  const places = merge(trace, trace);
  expect(places.flatMap(difference)).toEqual([]);
  const spans = places.reduce((n, p) => n + p.a!.count, 0);
  expect(spans).toBe(trace.spans.length);
});

test("what one of them lacks is said", () => {
  const kept = trace.spans.filter((s) => s.depth < 3).map((s) => ({ ...s, below: 0 }));
  const shallow: TraceView = { ...trace, spans: kept };
  kept.forEach((s, i) => {
    s.below = kept.slice(i + 1).findIndex((x) => x.depth <= s.depth);
    if (s.below < 0) s.below = kept.length - i - 1;
  });
  const places = merge(shallow, trace);
  expect(places.some((p) => difference(p).includes("only in the second"))).toBe(true);
  expect(places.some((p) => difference(p).includes("only in the first"))).toBe(false);
  expect(places[0]!.depth).toBe(0);
});

test("requests of different routes are compared where both come to", () => {
  const other: TraceView = {
    ...trace,
    spans: trace.spans.map((s, i) => (s.parent < 0 || i === 0 ? { ...s, name: `other ${i}` } : s)),
  };
  const from = startOf(trace, other);
  expect(from.name).toBe("gateway POST");
  const places = merge(trace, other);
  expect(places[0]!.name).toBe("POST");
  expect(places.flatMap(difference)).toEqual([]);
});
