import { box } from "./model";
import type { Point } from "./path";

/** An edge as the layout has it: its ends, and the points where it passes other columns. */
export interface Course {
  id: string;
  from: string;
  to: string;
  points: Point[];
}

const half = { x: box.width / 2, y: box.height / 2 };
const pieces = 28;

/**
 * Draws edges as lines that leave a box at one side, cross columns of boxes
 * level, and bend only between columns, so that no line runs behind a box.
 */
export function route(centres: Record<string, Point>, courses: Course[]): Record<string, Point[]> {
  const columns = [...new Set(Object.values(centres).map((c) => Math.round(c.x)))];
  const ports = portsOf(centres, courses, columns);
  const lines: Record<string, Point[]> = {};
  for (const c of courses) {
    const [a, b] = [centres[c.from], centres[c.to]];
    const port = ports.get(c.id);
    if (!a || !b || !port) continue;
    if (c.from === c.to) {
      lines[c.id] = loop(a);
      continue;
    }
    const way = b.x >= a.x ? 1 : -1;
    const anchors = [{ x: a.x + way * half.x, y: a.y + port.from }];
    for (const p of passed(c, columns)) anchors.push({ x: p.x - way * half.x, y: p.y }, { x: p.x + way * half.x, y: p.y });
    anchors.push({ x: b.x - way * half.x, y: b.y + port.to });
    lines[c.id] = bends(anchors);
  }
  return lines;
}

/** The points of a course that lie in a column of boxes; its ends do not count. */
const passed = (c: Course, columns: number[]): Point[] =>
  c.points.slice(1, -1).filter((p) => columns.some((x) => Math.abs(x - p.x) < 2));

interface Port {
  from: number;
  to: number;
}

/** Where each edge meets its boxes: spread over the side, in the order of where it goes. */
function portsOf(centres: Record<string, Point>, courses: Course[], columns: number[]): Map<string, Port> {
  const ports = new Map<string, Port>(courses.map((c) => [c.id, { from: 0, to: 0 }]));
  const sides = new Map<string, { toward: number; set: (y: number) => void; id: string }[]>();
  const meet = (side: string, toward: number, id: string, set: (y: number) => void) => {
    const there = sides.get(side) ?? [];
    there.push({ toward, id, set });
    sides.set(side, there);
  };
  for (const c of courses) {
    const [a, b] = [centres[c.from], centres[c.to]];
    const port = ports.get(c.id)!;
    if (!a || !b || c.from === c.to) continue;
    const between = passed(c, columns);
    const right = b.x >= a.x;
    meet(`${right ? "right" : "left"} ${c.from}`, (between[0] ?? b).y, c.id, (y) => (port.from = y));
    meet(`${right ? "left" : "right"} ${c.to}`, (between[between.length - 1] ?? a).y, c.id, (y) => (port.to = y));
  }
  for (const there of sides.values()) {
    there.sort((p, q) => p.toward - q.toward || (p.id < q.id ? -1 : 1));
    const step = Math.min(13, (box.height - 16) / Math.max(1, there.length - 1));
    there.forEach((p, i) => p.set((i - (there.length - 1) / 2) * step));
  }
  return ports;
}

/** Level at every anchor, with a bend from each to the next. */
function bends(anchors: Point[]): Point[] {
  const out: Point[] = [anchors[0]!];
  for (let i = 1; i < anchors.length; i++) {
    const [p, q] = [anchors[i - 1]!, anchors[i]!];
    if (p.y === q.y) {
      out.push(q);
      continue;
    }
    for (let k = 1; k <= pieces; k++) {
      const t = k / pieces;
      // A cubic whose two inner points lie level with its ends, half way.
      const x = p.x + (q.x - p.x) * (1.5 * t * (1 - t) + t * t * t);
      const y = p.y + (q.y - p.y) * (3 * t * t - 2 * t * t * t);
      out.push({ x, y });
    }
  }
  return out;
}

/** A call of itself: around the right side. */
function loop(at: Point): Point[] {
  const out: Point[] = [];
  for (let k = 0; k <= pieces; k++) {
    const angle = -Math.PI / 2 + (Math.PI * k) / pieces;
    out.push({ x: at.x + half.x + 26 * Math.cos(angle), y: at.y + 14 * Math.sin(angle) });
  }
  return out;
}
