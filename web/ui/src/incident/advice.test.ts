import { expect, test } from "vitest";
import answer from "../../../testdata/incident.json";
import type { Incident, IncidentView } from "../api/types";
import { cascadePicture } from "../picture/cascade";
import { adviceOf } from "./advice";

const { incident } = answer as unknown as IncidentView;

test("an incident of an earlier version gives no advice", () => {
  expect(adviceOf({})).toEqual({ order: [], cut: null, forecast: null });
});

test("where to cut is marked in the picture", () => {
  const e = incident.edges.find((x) => x.amplification > 3)!;
  const said = { ...incident, containment: { caller: e.caller, callee: e.callee, sentence: "Cap the retries." } } as Incident;
  expect(adviceOf(said).cut?.sentence).toBe("Cap the retries.");
  const cut = cascadePicture(said).edges.filter((x) => x.cut);
  expect(cut.map((x) => [x.caller, x.callee])).toEqual([[e.caller, e.callee]]);
  expect(cut[0]!.words).toContain("cut here");
});
