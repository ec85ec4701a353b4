import type { TargetedKeyboardEvent, TargetedPointerEvent } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Hop, Incident } from "../api/types";
import { seconds, share, significant } from "../format/number";
import { clock, zone } from "../format/time";
import { adviceOf } from "../incident/advice";
import { indexOf, type Film } from "../incident/film";
import type { Moment } from "../incident/moment";
import { ScrubberButtons, ScrubberTrack } from "../incident/scrubber";
import { useWidth } from "../shell/use-width";
import { Axis, Hatching, Marks } from "./axis";
import { binned, columnsOf, highest, moved } from "./bins";
import { TimelineRow } from "./row";

const atFirst = 16;
const narrowest = 5; // pixels a column
const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };

interface Props {
  incident: Incident;
  windowSeconds: number;
  film: Film;
  moment: Moment;
}

/** Services by onset, one column per window. */
export function Timeline({ incident, windowSeconds, film, moment }: Props) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const [all, setAll] = useState(false);
  const [cursor, setCursor] = useState<{ row: number; column: number } | null>(null);
  const hops = useMemo(() => adviceOf(incident).order, [incident]);
  const rows = useMemo(() => {
    const first = moved(incident.timeline, hops.map((h) => h.node));
    return all ? [...first, ...incident.timeline.filter((r) => !first.includes(r))] : first.slice(0, atFirst);
  }, [all, incident, hops]);
  const columns = useMemo(
    () => columnsOf(incident.timeline, windowSeconds * 1000, Math.floor(width / narrowest)),
    [incident.timeline, windowSeconds, width],
  );
  const bins = useMemo(() => rows.map((r) => binned(r.cells, columns)), [rows, columns]);
  const most = highest(bins);
  const move = (row: number, column: number) =>
    setCursor({ row, column: Math.max(0, Math.min(columns.begins.length - 1, column)) });

  const go = (column: number) => moment.go(indexOf(film, columns.begins[Math.max(0, Math.min(columns.begins.length - 1, column))] ?? null));
  const shown = moment.index === null ? null : Math.floor((film.times[moment.index]! - (columns.begins[0] ?? 0)) / columns.step);

  const point = (row: number) => (event: TargetedPointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / Math.max(1, box.width)) * columns.begins.length);
    move(row, column);
    if (event.type === "pointerdown" || event.buttons === 1) go(column);
  };
  const press = (row: number) => (event: TargetedKeyboardEvent<HTMLElement>) => {
    const by = steps[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const to = (shown ?? cursor?.column ?? 0) + by;
    move(row, to);
    go(to);
  };

  const bin = cursor && bins[cursor.row]?.[cursor.column];
  return (
    <section class="timeline" aria-labelledby="timeline-title">
      <div class="section-head">
        <h2 id="timeline-title">In what order</h2>
        <Key />
      </div>
      <div class="rows" onPointerLeave={() => setCursor(null)}>
        <div class="row axis-row">
          <ScrubberButtons film={film} moment={moment} />
          <div class="track" ref={ref}>
            {width > 0 && <ScrubberTrack incident={incident} film={film} moment={moment} width={width} />}
            <Axis columns={columns} width={width} />
          </div>
        </div>
        <Hatching />
        {rows.map((r, i) => (
          <TimelineRow
            key={r.node}
            row={r}
            bins={bins[i]!}
            most={most}
            width={width}
            onPoint={point(i)}
            onPress={press(i)}
            onFocus={() => move(i, shown ?? cursor?.column ?? 0)}
          >
            <Marks columns={columns} width={width} incident={incident} onset={r.onset} cursor={shown} hover={cursor?.column ?? null} />
          </TimelineRow>
        ))}
      </div>
      <Order hops={hops} />
      <p class="timeline-readout" aria-live="polite">
        {bin && cursor ? (
          <>
            {clock(new Date(bin.from), zone.value)} <strong>{rows[cursor.row]?.name}</strong>: own{" "}
            {significant(bin.own)}, inherited {significant(bin.inherited)}, failed {share(bin.failed)}
          </>
        ) : (
          <span class="quiet">Point at a window; click or drag to show it in the picture, or focus a row and use the arrow keys.</span>
        )}
      </p>
      {rows.length < incident.timeline.length && (
        <button type="button" class="plain" onClick={() => setAll(true)}>
          Show {incident.timeline.length - rows.length} more that moved less
        </button>
      )}
    </section>
  );
}

const mostHops = 8;

/** How the incident spread, in words: who left their baseline when. */
function Order({ hops }: { hops: Hop[] }) {
  if (hops.length < 2) return null;
  return (
    <ol class="order" aria-label="Order in which nodes left their baseline">
      {hops.slice(0, mostHops).map((h) => (
        <li key={h.node} title={h.own ? "by itself" : "pressed by what it calls"}>
          <strong>{h.name}</strong> {h.lag > 0 ? `+${seconds(h.lag)}` : clock(h.at, zone.value)}
          <span class="at">{h.own ? " by itself" : " pressed"}</span>
        </li>
      ))}
      {hops.length > mostHops && <li class="quiet">and {hops.length - mostHops} more</li>}
    </ol>
  );
}

function Key() {
  return (
    <ul class="legend">
      <li>
        <svg viewBox="0 0 16 12" aria-hidden="true">
          <rect class="own" width="16" height="12" />
        </svg>
        own pressure
      </li>
      <li>
        <svg viewBox="0 0 16 12" aria-hidden="true">
          <rect class="inherited-plain" width="16" height="12" />
          <path class="hatch-stroke" d="M0 8 8 0M2 12 14 0M9 12l7-7" />
        </svg>
        inherited
      </li>
      <li>
        <svg viewBox="0 0 16 12" aria-hidden="true">
          <path class="failed" d="M1 5h2v7H1zM6 3h2v9H6zM11 0h2v12h-2z" />
        </svg>
        failed
      </li>
      <li>
        <svg viewBox="0 0 16 12" aria-hidden="true">
          <path class="onset" d="M8 11 3 2h10z" />
        </svg>
        own part begins
      </li>
      <li>height: square root of pressure</li>
    </ul>
  );
}
