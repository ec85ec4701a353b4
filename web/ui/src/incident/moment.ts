import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import type { Incident } from "../api/types";
import { parameter, setParameter } from "../router";
import { indexOf, type Film } from "./film";

/** Where in the incident the page stands, and how to get elsewhere. */
export interface Moment {
  /** The window that is shown; null for the incident as a whole. */
  index: number | null;
  playing: boolean;
  /** The first window of the incident itself. */
  onset: number;
  go: (index: number | null) => void;
  step: (by: number) => void;
  play: () => void;
}

const pace = 420;
const slowPace = 1100; // for those who asked for less motion

/**
 * The moment, as the address has it: ?at=2026-03-12T14:03:10Z. Without it the incident as a whole is shown, or the
 * window of rest.
 */
export function useMoment(incident: Incident, film: Film, { name = "at", rest = null }: { name?: string; rest?: number | null } = {}): Moment {
  const asked = parameter(name);
  const index = useMemo(() => (asked === null ? rest : indexOf(film, Date.parse(asked))), [film, asked, rest]);
  const [playing, setPlaying] = useState(false);
  const onset = useMemo(() => indexOf(film, Date.parse(incident.start)) ?? 0, [film, incident.start]);
  const last = film.times.length - 1;

  const go = useCallback(
    (to: number | null) => {
      const t = to === null ? undefined : film.times[Math.max(0, Math.min(last, to))];
      setParameter(name, t === undefined ? null : new Date(t).toISOString().replace(".000Z", "Z"));
    },
    [film, last, name],
  );
  const move = useCallback(
    (to: number | null) => {
      setPlaying(false);
      go(to);
    },
    [go],
  );
  const play = useCallback(() => {
    if (playing) return setPlaying(false);
    if (asked === null || index === null || index >= last) go(Math.max(0, onset - 1));
    setPlaying(true);
  }, [playing, asked, index, last, onset, go]);

  useEffect(() => {
    if (!playing) return;
    if (index === null || index >= last) return setPlaying(false);
    const slow = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const timer = setTimeout(() => go(index + 1), slow ? slowPace : pace);
    return () => clearTimeout(timer);
  }, [playing, index, last, go]);

  return {
    index,
    playing,
    onset,
    go: move,
    step: (by) => move(index === null ? (by > 0 ? onset : last) : index + by),
    play,
  };
}
