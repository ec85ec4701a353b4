import { expect, test } from "vitest";
import { kinds, parse, queryOf } from "./change";

test("a change is read as it is written", () => {
  for (const { kind } of kinds) {
    const written = queryOf({ kind, target: "a->b", value: 0.5, at: null });
    expect(parse(written)).toMatchObject({ kind, target: "a->b" });
  }
  expect(queryOf({ kind: "timeout", target: "a->b", value: 0.25, at: null })).toBe("timeout a->b=250ms");
  expect(parse("shed GET /x?y=1=0.3")).toEqual({ kind: "shed", target: "GET /x?y=1", value: "0.3" });
  expect(parse("")).toEqual({ kind: "", target: "", value: "" });
});
