import { expect, test } from "vitest";
import answer from "../../../testdata/incident.json";
import type { IncidentView } from "../api/types";
import { filmOf, frameAt, indexOf, phaseAt } from "./film";

const { incident, window_seconds } = answer as unknown as IncidentView;

test("frames are found by time, gaps have none", () => {
  expect(frameAt([0, 10, 40], 10, 5)).toBe(0);
  expect(frameAt([0, 10, 40], 10, 19)).toBe(1);
  expect(frameAt([0, 10, 40], 10, 25)).toBe(-1);
  expect(frameAt([0, 10, 40], 10, 45)).toBe(2);
  expect(frameAt([10], 10, 5)).toBe(-1);
});

test("a film runs through the timeline's windows", () => {
  const film = filmOf(incident, null, window_seconds);
  expect(film.times.length).toBe(incident.timeline[0]!.cells.length);
  const first = film.at(0);
  const last = film.at(film.times.length - 1);
  const db = incident.timeline[0]!.node;
  expect(first.nodes.get(db)!.own).toBe(0);
  expect(film.mostNode).toBeGreaterThan(50);
  expect(last.edges.size).toBe(0);
  expect(indexOf(film, film.times[3]! + 5000)).toBe(3);
  expect(indexOf(film, Number.NaN)).toBe(null);
  expect(indexOf(film, null)).toBe(null);
});

test("phases name the moment", () => {
  const at = (t: string) => phaseAt(incident, Date.parse(t));
  expect(at("2026-03-12T14:00:00Z")).toBe("before it");
  expect(at("2026-03-12T14:02:20Z")).toBe("onset");
  expect(at("2026-03-12T14:10:00Z")).toBe("kept up");
});
