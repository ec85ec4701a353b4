import type { Incident } from "../api/types";
import { clock, zone } from "../format/time";
import type { Film } from "./film";
import { phaseAt } from "./film";
import type { Moment } from "./moment";

interface ButtonProps {
  film: Film;
  moment: Moment;
  label?: string;
  /** Without keys of their own, and without a view of the whole. */
  alone?: boolean;
}

/** The buttons that play an incident or step through it. */
export function ScrubberButtons({ film, moment, label = "Play the incident", alone = false }: ButtonProps) {
  const last = film.times.length - 1;
  const key = (name: string) => (alone ? "" : ` (${name})`);
  return (
    <div class="scrub-buttons" role="group" aria-label={label}>
      <button type="button" aria-label="To the onset" title={`To the onset${key("o")}`} onClick={() => moment.go(moment.onset)}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M3 3h2v10H3zM13 3v10L6 8z" />
        </svg>
      </button>
      <button type="button" aria-label="One window back" title={`One window back${key(",")}`} disabled={moment.index === 0} onClick={() => moment.step(-1)}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M11 3v10L4 8z" />
        </svg>
      </button>
      <button type="button" class="play" aria-label={moment.playing ? "Pause" : "Play"} title={`Play or pause${key("p")}`} onClick={moment.play}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          {moment.playing ? <path d="M4 3h3v10H4zM9 3h3v10H9z" /> : <path d="M4 2.5v11L13 8z" />}
        </svg>
      </button>
      <button
        type="button"
        aria-label="One window on"
        title={`One window on${key(".")}`}
        disabled={moment.index === last}
        onClick={() => moment.step(1)}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M5 3v10l7-5z" />
        </svg>
      </button>
      {!alone && (
        <button type="button" class="whole" aria-pressed={moment.index === null} title="The incident as a whole (w)" onClick={() => moment.go(null)}>
          whole
        </button>
      )}
    </div>
  );
}

interface Props {
  incident: Incident;
  film: Film;
  moment: Moment;
  width: number;
  label?: string;
}

/** The slider, as wide as the timeline's rows, with the phases above it. */
export function ScrubberTrack({ incident, film, moment, width, label = "Moment of the incident" }: Props) {
  const { times, stepMs } = film;
  const from = times[0] ?? 0;
  const to = (times[times.length - 1] ?? 0) + stepMs;
  const place = (t: number) => (to > from ? (Math.max(0, Math.min(1, (t - from) / (to - from))) * width) : 0);
  const column = to > from ? (stepMs / (to - from)) * width : width;
  const at = moment.index === null ? null : times[moment.index]!;
  const words = at === null ? "the incident as a whole" : `${clock(new Date(at), zone.value)}, ${phaseAt(incident, at)}`;
  return (
    <div class="scrub-track">
      <svg width={width} height={17} aria-hidden="true" class="scrub-phases">
        {incident.phases.map((p, i) => {
          const [a, b] = [place(Date.parse(p.start)), place(Date.parse(p.end))];
          // Phases may overlap: a name ends where the next one begins.
          const next = incident.phases[i + 1];
          const room = Math.min(b, next ? place(Date.parse(next.start)) : b) - a;
          const name = p.name === "recovery" && incident.metastable ? "kept up" : p.name;
          return (
            <g key={p.name} class={`phase-bar ${p.name}`}>
              <title>{p.sentence}</title>
              <rect x={a} y={0} width={Math.max(1, b - a - 1)} height={15} />
              {room > name.length * 6.2 + 8 && (
                <text x={a + 5} y={11}>
                  {name}
                </text>
              )}
            </g>
          );
        })}
      </svg>
      <input
        type="range"
        class={moment.index === null ? "scrub idle" : "scrub"}
        aria-label={label}
        aria-valuetext={words}
        min={0}
        max={Math.max(0, times.length - 1)}
        step={1}
        value={moment.index ?? moment.onset}
        style={{ left: `${column / 2 - 8}px`, width: `${Math.max(16, width - column + 16)}px` }}
        onInput={(event) => moment.go(Number(event.currentTarget.value))}
      />
    </div>
  );
}
