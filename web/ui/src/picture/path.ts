export interface Point {
  x: number;
  y: number;
}

export const distance = (a: Point, b: Point) => Math.hypot(b.x - a.x, b.y - a.y);

export function length(line: Point[]): number {
  let sum = 0;
  for (let i = 1; i < line.length; i++) sum += distance(line[i - 1]!, line[i]!);
  return sum;
}

/** The point at a distance from the line's begin, and the direction there. */
export function along(line: Point[], far: number): Point & { dx: number; dy: number } {
  let gone = 0;
  for (let i = 1; i < line.length; i++) {
    const a = line[i - 1]!;
    const b = line[i]!;
    const step = distance(a, b);
    if (step > 0 && (gone + step >= far || i === line.length - 1)) {
      const t = Math.min(1, Math.max(0, (far - gone) / step));
      return { x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t, dx: (b.x - a.x) / step, dy: (b.y - a.y) / step };
    }
    gone += step;
  }
  const only = line[0] ?? { x: 0, y: 0 };
  return { ...only, dx: 1, dy: 0 };
}

/** The line without its last stretch, to leave room for an arrowhead. */
export function shortened(line: Point[], by: number): Point[] {
  const whole = length(line);
  if (whole <= by) return line;
  const out: Point[] = [];
  let gone = 0;
  for (let i = 0; i < line.length; i++) {
    if (i > 0) gone += distance(line[i - 1]!, line[i]!);
    if (gone >= whole - by) break;
    out.push(line[i]!);
  }
  const end = along(line, whole - by);
  out.push({ x: end.x, y: end.y });
  return out;
}

/** A zigzag about the middle of the line, at most so long: the form of retries. */
export function zigzag(line: Point[], amplitude: number, step: number, most: number): Point[] {
  const whole = length(line);
  const teeth = Math.floor(Math.min(most, whole * 0.7) / step);
  if (teeth < 2) return line;
  const begin = (whole - teeth * step) / 2;
  const out: Point[] = [];
  for (let i = 0; i <= teeth; i++) {
    const p = along(line, begin + i * step);
    const side = i === 0 || i === teeth ? 0 : i % 2 === 0 ? amplitude : -amplitude;
    out.push({ x: p.x - p.dy * side, y: p.y + p.dx * side });
  }
  return out;
}

const tenth = (v: number) => Math.round(v * 10) / 10;

/** The line as the d of an SVG path. */
export function pathOf(line: Point[]): string {
  return line.map((p, i) => `${i === 0 ? "M" : "L"}${tenth(p.x)} ${tenth(p.y)}`).join("");
}

/** The corners of an arrowhead at the line's end. */
export function arrowhead(line: Point[], size: number): string {
  const end = line[line.length - 1] ?? { x: 0, y: 0 };
  const { dx, dy } = along(line, length(line));
  const back = { x: end.x - dx * size, y: end.y - dy * size };
  const half = size * 0.5;
  return [end, { x: back.x - dy * half, y: back.y + dx * half }, { x: back.x + dy * half, y: back.y - dx * half }]
    .map((p) => `${tenth(p.x)},${tenth(p.y)}`)
    .join(" ");
}
