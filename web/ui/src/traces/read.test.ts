import { expect, test } from "vitest";
import { attributesOf, attributeText, secondsOf } from "./read";

test("durations in any unit", () => {
  expect(secondsOf("500 ms")).toBe("0.5");
  expect(secondsOf("1.5s")).toBe("1.5");
  expect(secondsOf("2")).toBe("2");
  expect(secondsOf("2 min")).toBe("120");
  expect(secondsOf("300us")).toBe("0.0003");
  expect(secondsOf("soon")).toBe(null);
  expect(secondsOf("")).toBe(null);
});

test("attributes with and without values", () => {
  expect(attributesOf('http.route=/checkout db.system.name  q="SELECT 1"')).toEqual([
    "http.route=/checkout",
    "db.system.name",
    "q=SELECT 1",
  ]);
  expect(attributesOf("  ")).toEqual([]);
});

test("a condition is typed as it is read", () => {
  for (const c of ["a=b", "a", "a=b c", "a="]) expect(attributesOf(attributeText(c))).toEqual([c]);
});
