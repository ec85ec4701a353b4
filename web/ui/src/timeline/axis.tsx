import type { Incident } from "../api/types";
import { minute, zone } from "../format/time";
import { ticks, type Columns } from "./bins";
import { stripHeight } from "./strip";

const span = (c: Columns) => ({ from: c.begins[0] ?? 0, to: (c.begins[c.begins.length - 1] ?? 0) + c.step });

function place(t: number, c: Columns, width: number): number {
  const { from, to } = span(c);
  return to > from ? ((t - from) / (to - from)) * width : 0;
}

/** The times above the rows. */
export function Axis({ columns, width }: { columns: Columns; width: number }) {
  const { from, to } = span(columns);
  if (columns.begins.length === 0 || width === 0) return null;
  return (
    <svg class="axis" width={width} height={20} aria-hidden="true">
      {ticks(from, to, Math.max(2, width / 72)).map((t) => {
        const x = place(t, columns, width);
        return (
          <g key={t}>
            <line x1={x} x2={x} y1={15} y2={20} />
            <text x={Math.min(width - 16, Math.max(16, x))} y={11}>
              {minute(new Date(t), zone.value)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

interface MarksProps {
  columns: Columns;
  width: number;
  incident: Incident;
  onset: string | null;
  /** The column that the picture shows, and the one that is pointed at. */
  cursor: number | null;
  hover: number | null;
}

/** Over a row: begin and end of the incident, the row's onset, and the cursor. */
export function Marks({ columns, width, incident, onset, cursor, hover }: MarksProps) {
  const at = (t: string) => place(Date.parse(t), columns, width);
  const column = width / Math.max(1, columns.begins.length);
  return (
    <svg class="marks" width={width} height={stripHeight} aria-hidden="true">
      <line class="edge-of-incident" x1={at(incident.start)} x2={at(incident.start)} y1={0} y2={stripHeight} />
      {incident.end && <line class="edge-of-incident" x1={at(incident.end)} x2={at(incident.end)} y1={0} y2={stripHeight} />}
      {onset && <path class="onset" d={`M${at(onset)} 8l-4.5-8h9z`} />}
      {hover !== null && hover !== cursor && (
        <rect class="cursor hover" x={hover * column} y={0} width={Math.max(1.5, column)} height={stripHeight} />
      )}
      {cursor !== null && (
        <rect class="cursor" x={cursor * column} y={0} width={Math.max(1.5, column)} height={stripHeight} />
      )}
    </svg>
  );
}

/** The pattern of inherited pressure; one for all rows. */
export function Hatching() {
  return (
    <svg class="defs" width="0" height="0" aria-hidden="true">
      <defs>
        <pattern id="hatch-timeline" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect class="hatch-ground" width="4" height="4" />
          <rect class="hatch-line" width="1.8" height="4" />
        </pattern>
      </defs>
    </svg>
  );
}
