import { expect, test } from "vitest";
import type { Effect } from "../api/types";
import { changeOf, changesOf, kinds, parse, queryOf } from "./change";

test("a change is read as it is written", () => {
  for (const { kind } of kinds) {
    const written = queryOf({ kind, target: "a->b", value: 0.5, at: null });
    expect(parse(written)).toMatchObject({ kind, target: "a->b" });
  }
  expect(queryOf({ kind: "timeout", target: "a->b", value: 0.25, at: null })).toBe("timeout a->b=250ms");
  expect(parse("shed GET /x?y=1=0.3")).toEqual({ kind: "shed", target: "GET /x?y=1", value: "0.3" });
  expect(parse("")).toEqual({ kind: "", target: "", value: "" });
});

test("changes that are made together stay apart in the address", () => {
  const changes = (["web->shop", "shop->stock"] as const).map((target) => ({ kind: "cap-retries" as const, target, value: 0, at: null }));
  const written = changeOf({ changes } as unknown as Effect);
  expect(changesOf(written)).toEqual(changes.map(queryOf));
  expect(parse(written)).toEqual({ kind: "cap-retries", target: "web->shop", value: "0" });
  expect(changesOf("")).toEqual([""]);
});
