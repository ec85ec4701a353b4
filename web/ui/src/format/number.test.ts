import { describe, expect, test } from "vitest";
import { growth, grouped, inUnit, seconds, share, significant, times } from "./number";

const plain = (s: string) => s.replaceAll("\u00a0", " ");

test.each([
  [0, "0 s"],
  [4.2e-8, "42 ns"],
  [0.000_85, "850 µs"],
  [0.041, "41 ms"],
  [0.9994, "999 ms"],
  [0.99951, "1 s"],
  [4.354, "4.35 s"],
  [119, "119 s"],
  [570, "9 min 30 s"],
  [600, "10 min"],
  [3599.9, "1 h"],
  [85_274, "23 h 41 min"],
  [180_000, "2 d 2 h"],
  [-420, "\u22127 min"],
])("seconds(%f) is %s", (v, want) => expect(plain(seconds(v))).toBe(want));

test.each([
  [0, "0%"],
  [0.0004, "<0.1%"],
  [0.004, "0.4%"],
  [0.0996, "10%"],
  [0.38, "38%"],
  [0.998, "99.8%"],
  [0.99999, "99.9%"],
  [1, "100%"],
])("share(%f) is %s", (v, want) => expect(share(v)).toBe(want));

test("numbers keep three digits and group thousands", () => {
  expect(significant(1234.5)).toBe("1,235");
  expect(significant(0.012345)).toBe("0.0123");
  expect(significant(-2)).toBe("\u22122");
  expect(grouped(24_918_204)).toBe("24,918,204");
});

describe("units of the report", () => {
  test("each has its form, an unknown one is written out", () => {
    expect(plain(inUnit(0.41, "s"))).toBe("410 ms");
    expect(inUnit(212, "1/s")).toBe("212/s");
    expect(inUnit(0.61, "share")).toBe("61%");
    expect(inUnit(3.4, "1")).toBe("3.4");
    expect(plain(inUnit(5, "MB"))).toBe("5 MB");
  });
});

test("growth says how much, and nothing where there was nothing", () => {
  expect(growth(0.009, 0.41)).toBe("46×");
  expect(growth(1, 3.4)).toBe("3.4×");
  expect(growth(100, 60)).toBe("\u221240%");
  expect(growth(1, 1.01)).toBe("as before");
  expect(growth(0, 5)).toBe("");
  expect(times(1)).toBe("1.0×");
});
