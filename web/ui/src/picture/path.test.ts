import { expect, test } from "vitest";
import { along, length, pathOf, shortened, zigzag } from "./path";

const line = [
  { x: 0, y: 0 },
  { x: 100, y: 0 },
];

test("points along a line", () => {
  expect(length(line)).toBe(100);
  expect(along(line, 25)).toEqual({ x: 25, y: 0, dx: 1, dy: 0 });
  expect(along(line, 500).x).toBe(100);
  expect(along([], 5)).toMatchObject({ x: 0, y: 0 });
});

test("a shortened line leaves room for its head", () => {
  expect(length(shortened(line, 10))).toBeCloseTo(90);
  expect(shortened(line, 200)).toEqual(line);
});

test("a zigzag swings to both sides about the middle and no further than asked", () => {
  const z = zigzag(line, 5, 10, 60);
  expect(z[0]).toMatchObject({ x: 20, y: 0 });
  expect(z[z.length - 1]).toMatchObject({ x: 80, y: 0 });
  expect(Math.max(...z.map((p) => p.y))).toBe(5);
  expect(Math.min(...z.map((p) => p.y))).toBe(-5);
});

test("a path as SVG has it", () => expect(pathOf(line)).toBe("M0 0L100 0"));
