import type { Containment, Forecast, Hop } from "../api/types";

/**
 * What reports say of an incident's way, of where it can be cut and of when it
 * ends. Incidents that were written down by an earlier version lack it.
 */
export interface Advice {
  order: Hop[];
  /** The call at which to cut, and how; null where that can't be said. */
  cut: { edge: string; sentence: string } | null;
  forecast: Forecast | null;
}

/** An incident, whose advice may be missing altogether. */
interface Said {
  order?: Hop[] | null;
  containment?: Containment | null;
  forecast?: Forecast | null;
}

export function adviceOf({ order, containment, forecast }: Said): Advice {
  return {
    order: order ?? [],
    cut: containment ? { edge: `${containment.caller}->${containment.callee}`, sentence: containment.sentence } : null,
    forecast: forecast ?? null,
  };
}
