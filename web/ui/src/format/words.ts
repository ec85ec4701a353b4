import type { CauseKind, State } from "../api/types";

export const stateWords: Record<State, string> = {
  building: "Building",
  outage: "Outage",
  recovering: "Recovering",
  over: "Over",
};

export const stateMeaning: Record<State, string> = {
  building: "services left their baseline, users are not hurt yet",
  outage: "users are hurt",
  recovering: "the worst is over, users are still hurt",
  over: "users and services are back at their baseline",
};

export const causeWords: Record<CauseKind, string> = {
  service: "service",
  instance: "instance",
  operation: "operation",
  database: "database",
  cache: "cache",
  queue: "queue",
  host: "host",
  external: "external system",
  edge: "call",
  "retry-policy": "retries",
  load: "load",
};

const metrics: Record<string, string> = {
  self_time: "own time",
  rate: "rate",
  error_share: "failed",
  attempts_per_call: "attempts per call",
  timeout_share: "timed out",
};

/** A metric's short name in words. */
export const metricWords = (metric: string): string => metrics[metric] ?? metric.replaceAll("_", " ");

export const baselineWords: Record<string, string> = {
  before: "the time before",
  file: "the given baseline",
  contrast: "good calls of the same minutes",
};

export const noteWords: Record<string, string> = {
  orphan: "its parent never came",
  cycle: "its parents led in a circle",
  backwards: "it ended before it began",
  skew: "its clock was corrected",
  "outlives-parent": "it ran on after its parent had ended",
  "before-parent": "it began before its parent",
  "too-long": "it claims more than 7 days and was cut",
};

/** How a span ended, in words. */
export const outcomeWords = (outcome: string): string => outcome.replaceAll("-", " ");

/** A cause's name for reading: edges with an arrow. */
export const causeName = (name: string): string => name.replace("~>", " → ").replace("->", " → ");

/** The name within a node id: what stands after the kind and the scope. */
export function nodeName(id: string): string {
  const rest = id.slice(id.indexOf(":") + 1);
  const name = rest.slice(rest.indexOf("/") + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** "1 span", "2 spans" */
export const counted = (n: number, text: string, one: string, many = `${one}s`): string =>
  `${text} ${n === 1 ? one : many}`;

/** A confidence in words. */
export function confidenceWords(v: number): string {
  if (v >= 0.9) return "very likely";
  if (v >= 0.7) return "likely";
  if (v >= 0.4) return "possible";
  return "a guess";
}

/** A sentence of the report, which is written for terminals too, with arrows for calls. */
export const prose = (sentence: string): string => sentence.replace(/\s?[-~]>\s?/g, " → ");
