import type { GraphView } from "../api/types";

export interface Troubled {
  id: string;
  name: string;
  mean: number;
  usual: number;
  failed: number;
}

const few = 0.2; // visits a second below which a mean says little
const growth = 1.05;

/** The nodes that grew most against their usual, or fail most: at most so many. */
export function nearest(now: GraphView, usual: GraphView, most = 4): Troubled[] {
  const before = new Map(usual.nodes.map((n) => [n.id, n]));
  const scored = now.nodes.flatMap((n) => {
    const was = before.get(n.id);
    if (!was || was.mean <= 0 || n.rate < few) return [];
    const [grown, failing] = [n.mean / was.mean, Math.max(0, n.error_share - was.error_share)];
    if (grown < growth && failing < 0.001) return [];
    return [{ id: n.id, name: n.name, mean: n.mean, usual: was.mean, failed: n.error_share, score: grown - 1 + 20 * failing }];
  });
  scored.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
  return scored.slice(0, most).map(({ score: _, ...rest }) => rest);
}
