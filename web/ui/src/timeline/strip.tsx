import type { Bin } from "./bins";

interface Props {
  bins: Bin[];
  most: number;
  width: number;
}

export const stripHeight = 36;
const failures = 9; // the band at the bottom in which failures stand
const room = stripHeight - failures - 3;

/**
 * One row's course: own pressure solid, inherited hatched above it, failures as
 * ticks below. Heights go by the square root, so that small rows are seen too.
 */
export function Strip({ bins, most, width }: Props) {
  const { own, inherited, failed } = stripPaths(bins, most, width);
  return (
    <svg class="strip" width={width} height={stripHeight} aria-hidden="true">
      <line class="ground" x1={0} x2={width} y1={room + 1.5} y2={room + 1.5} />
      <path class="inherited" d={inherited} />
      <path class="own" d={own} />
      <path class="failed" d={failed} />
    </svg>
  );
}

/** The three forms of a strip as paths. */
export function stripPaths(bins: Bin[], most: number, width: number) {
  const step = width / Math.max(1, bins.length);
  const bar = Math.max(1, step - (step > 4 ? 1 : 0));
  let [own, inherited, failed] = ["", "", ""];
  bins.forEach((b, i) => {
    const sum = b.own + b.inherited;
    const x = round(i * step);
    const tall = most > 0 ? room * Math.sqrt(sum / most) : 0;
    if (tall >= 0.5) {
      const solid = (tall * b.own) / sum;
      if (solid > 0) own += block(x, room + 1 - solid, bar, solid);
      if (tall - solid > 0) inherited += block(x, room + 1 - tall, bar, tall - solid);
    }
    if (b.failed >= 0.005) {
      const h = Math.max(1.5, failures * Math.sqrt(Math.min(1, b.failed)));
      failed += block(x, room + 3, Math.max(1, bar * 0.36), h);
    }
  });
  return { own, inherited, failed };
}

const round = (v: number) => Math.round(v * 100) / 100;
const block = (x: number, y: number, w: number, h: number) => `M${x} ${round(y)}h${round(w)}v${round(h)}h${round(-w)}z`;
