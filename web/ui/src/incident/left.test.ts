import { expect, test } from "vitest";
import { leftWords } from "./left";

const nothing = { workflows: 40, half_done: 0, done_twice: 0, perhaps_twice: 0, running: 0, until: null, sentence: "", command: "" };

test("says what is there and nothing else", () => {
  expect(leftWords(null)).toBe("");
  expect(leftWords(nothing)).toBe("");
  expect(leftWords({ ...nothing, half_done: 7734, done_twice: 3 })).toBe("7,734 half done, 3 done twice");
  expect(leftWords({ ...nothing, perhaps_twice: 2, running: 1 })).toBe("2 perhaps done twice, 1 not over");
});
