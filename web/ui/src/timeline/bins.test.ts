import { expect, test } from "vitest";
import type { Cell, Row } from "../api/types";
import { binned, columnsOf, moved, ticks } from "./bins";
import { stripPaths } from "./strip";

const cell = (second: number, own: number, inherited = 0, failed = 0): Cell => ({
  t: new Date(second * 1000).toISOString(),
  own,
  inherited,
  failed_share: failed,
});
const row = (cells: Cell[], onset: string | null = null): Row => ({ node: "service:a", name: "a", onset, cells });

test("one column per window where there is room", () => {
  const r = row([cell(0, 1), cell(20, 3)]);
  const columns = columnsOf([r], 10_000, 100);
  expect(columns).toEqual({ begins: [0, 10_000, 20_000], step: 10_000 });
  expect(binned(r.cells, columns).map((b) => b.own)).toEqual([1, 0, 3]);
});

test("several windows share a column where there is none, and the most counts", () => {
  const r = row([cell(0, 1), cell(10, 5, 2, 0.5), cell(20, 3), cell(30, 0)]);
  const columns = columnsOf([r], 10_000, 2);
  expect(columns.step).toBe(20_000);
  expect(binned(r.cells, columns)).toEqual([
    { from: 0, own: 5, inherited: 2, failed: 0.5 },
    { from: 20_000, own: 3, inherited: 0, failed: 0 },
  ]);
});

test("relief is not drawn, and no cells give no columns", () => {
  const columns = columnsOf([row([cell(0, -4)])], 10_000, 10);
  expect(binned([cell(0, -4)], columns)[0]).toMatchObject({ own: 0 });
  expect(columnsOf([], 10_000, 10).begins).toEqual([]);
});

test("ticks stand at round minutes", () => {
  const minute = 60_000;
  expect(ticks(0.5 * minute, 12 * minute, 6)).toEqual([2, 4, 6, 8, 10, 12].map((m) => m * minute));
});

test("rows that hardly moved stay behind, those with an onset never", () => {
  const rows = [row([cell(0, 50)]), row([cell(0, 1)]), row([cell(0, 100)]), row([cell(0, 1)], "1970-01-01T00:00:00Z")];
  expect(moved(rows)).toEqual([rows[3], rows[2], rows[0]]);
  const named = rows.map((r, i) => ({ ...r, node: `service:${i}` }));
  expect(moved(named, ["service:0", "service:2"]).map((r) => r.node)).toEqual(["service:3", "service:0", "service:2"]);
});

test("own, inherited and failed are forms of their own", () => {
  const paths = stripPaths([{ from: 0, own: 1, inherited: 1, failed: 0.2 }], 2, 10);
  expect(paths.own).not.toBe("");
  expect(paths.inherited).not.toBe("");
  expect(paths.failed).not.toBe("");
  expect(stripPaths([{ from: 0, own: 0, inherited: 0, failed: 0 }], 0, 10)).toEqual({ own: "", inherited: "", failed: "" });
});
