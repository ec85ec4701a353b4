const thin = 1.25;
const thick = 11;

/**
 * The width of an edge's stroke: by the square root of the pressure that it
 * carries, so that a tenth of the most is still seen.
 */
export function edgeWidth(pressure: number, most: number): number {
  if (!(pressure > 0) || !(most > 0)) return thin;
  return 2 + (thick - 2) * Math.sqrt(Math.min(1, pressure / most));
}

/** Less than this share of the most pressure does not count as pressed. */
export const faint = 0.005;

/**
 * Whether an edge's calls are retried in the incident: clearly more than one
 * attempt per call, and more than at the baseline.
 */
export function retried(amplification: number, baseline: number): boolean {
  return amplification >= 1.15 && amplification - Math.max(1, baseline) >= 0.1;
}
