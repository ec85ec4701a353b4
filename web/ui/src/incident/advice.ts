import type { Incident } from "../api/types";

/** A node in the order in which an incident reached it. */
export interface Hop {
  node: string;
  name: string;
  at: string;
  own: boolean;
  lag: number;
}

/**
 * What reports say of an incident's way, of where it can be cut and of when it
 * ends. Incidents that were written down by an earlier version lack it.
 */
export interface Advice {
  order: Hop[];
  /** The call at which to cut, and how; null where that can't be said. */
  cut: { edge: string; sentence: string } | null;
  forecast: { well: string; sentence: string } | null;
}

interface Said {
  order?: Hop[] | null;
  containment?: { caller: string; callee: string; sentence: string } | null;
  forecast?: { well: string; sentence: string } | null;
}

export function adviceOf(incident: Partial<Incident>): Advice {
  const { order, containment, forecast } = incident as Said;
  return {
    order: order ?? [],
    cut: containment ? { edge: `${containment.caller}->${containment.callee}`, sentence: containment.sentence } : null,
    forecast: forecast ?? null,
  };
}
