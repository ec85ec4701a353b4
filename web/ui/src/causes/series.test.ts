import { expect, test } from "vitest";
import { baselineBand, columns } from "./series";

const at = (minute: number, v: number) => ({ t: `2026-03-12T14:${String(minute).padStart(2, "0")}:00Z`, v });

test("the band spans the baseline and not the incident", () => {
  const series = [at(0, 3), at(1, 1), at(2, 2), at(3, 90), at(4, 95)];
  expect(baselineBand(series, "2026-03-12T14:03:00Z")).toEqual({ low: 1, high: 3 });
  expect(baselineBand(series, "2026-03-12T13:00:00Z")).toBeNull();
});

test("a series as columns of Unix seconds and values", () => {
  expect(columns([at(0, 3)])).toEqual([[Date.parse("2026-03-12T14:00:00Z") / 1000], [3]]);
});
