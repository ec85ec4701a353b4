import { expect, test } from "vitest";
import { edgeWidth, retried } from "./scale";

test("an edge's width grows with the square root of its pressure", () => {
  expect(edgeWidth(100, 100)).toBe(11);
  expect(edgeWidth(25, 100)).toBe(6.5);
  expect(edgeWidth(1, 100)).toBeGreaterThan(edgeWidth(0, 100));
});

test("no pressure, relief and broken numbers give a thin line", () => {
  const thin = edgeWidth(0, 100);
  for (const w of [edgeWidth(-5, 100), edgeWidth(5, 0), edgeWidth(NaN, 100)]) expect(w).toBe(thin);
  expect(edgeWidth(200, 100)).toBe(11);
});

test("an edge is retried when attempts per call rose clearly", () => {
  expect(retried(3.4, 1)).toBe(true);
  expect(retried(1.05, 1)).toBe(false);
  expect(retried(2, 2)).toBe(false);
  expect(retried(1.3, 0)).toBe(true);
});
