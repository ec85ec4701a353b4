import type { TraceView } from "../api/types";

/** How many colours services have; more services than that share them. */
export const tones = 10;

/** The services of a trace, in the order in which they appear. */
export function serviceNames(trace: Pick<TraceView, "resources">): string[] {
  return [...new Set(trace.resources.map((r) => r.service))];
}

export const serviceTone = (services: string[], service: string): number =>
  Math.max(0, services.indexOf(service)) % tones;
