import { expect, test } from "vitest";
import { between, clock, day, known, minute, zoneName } from "./time";

test("times in UTC", () => {
  expect(clock("2026-03-12T14:02:10Z", "utc")).toBe("14:02:10");
  expect(minute("2026-03-12T04:02:59Z", "utc")).toBe("04:02");
  expect(day("2026-03-12T14:02:10Z", "utc")).toBe("12 Mar 2026");
});

test("zones are named by their distance from UTC", () => {
  expect(zoneName("utc", -120)).toBe("UTC");
  expect(zoneName("local", 0)).toBe("UTC");
  expect(zoneName("local", -120)).toBe("UTC+2");
  expect(zoneName("local", 210)).toBe("UTC\u22123:30");
});

test("a stretch of time, and a time that was never set", () => {
  expect(between("2026-03-12T14:02:10Z", "2026-03-12T14:21:40Z")).toBe(1170);
  expect(known("0001-01-01T00:00:00Z")).toBe(false);
  expect(known("2026-03-12T14:02:10Z")).toBe(true);
});
