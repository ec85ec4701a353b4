import { expect, test } from "vitest";
import { incidentPath, parseRoute, tracePath, withParameter } from "./router";

test.each([
  ["/", { page: "incidents" }],
  ["/incidents/20260312T140210-k7qd", { page: "incident", id: "20260312T140210-k7qd" }],
  ["/incidents/a%2Fb", { page: "incident", id: "a/b" }],
  ["/traces/deadbeef", { page: "trace", id: "deadbeef" }],
  ["/incidents", { page: "missing", path: "/incidents" }],
  ["/incidents/%", { page: "missing", path: "/incidents/%" }],
  ["/incidents/a/b", { page: "missing", path: "/incidents/a/b" }],
  ["/nowhere/x", { page: "missing", path: "/nowhere/x" }],
])("%s", (path, want) => expect(parseRoute(path)).toEqual(want));

test("paths lead back to what they were made from", () => {
  expect(parseRoute(incidentPath("odd/id ?#"))).toEqual({ page: "incident", id: "odd/id ?#" });
  expect(parseRoute(tracePath("ff"))).toEqual({ page: "trace", id: "ff" });
});

test("a parameter is set, replaced and taken away, others stay", () => {
  expect(withParameter("", "cause", "2")).toBe("?cause=2");
  expect(withParameter("?cause=2&x=1", "cause", "3")).toBe("?cause=3&x=1");
  expect(withParameter("?cause=2", "cause", null)).toBe("");
});
