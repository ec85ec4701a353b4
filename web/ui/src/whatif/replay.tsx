import { useEffect, useMemo, useState } from "preact/hooks";
import type { Effect, Incident, Outcome, Shared, WhatIf } from "../api/types";
import { useResource } from "../api/resource";
import type { FramesView, ReplayView } from "../api/types";
import { seconds, share } from "../format/number";
import { clock, zone } from "../format/time";
import { phaseAt, type Film } from "../incident/film";
import { useMoment, type Moment } from "../incident/moment";
import { ScrubberButtons, ScrubberTrack } from "../incident/scrubber";
import { cascadePicture } from "../picture/cascade";
import { Legend } from "../picture/legend";
import type { PictureModel } from "../picture/model";
import { Picture } from "../picture/picture";
import { parameter, setParameter } from "../router";
import { Failure, Loading } from "../shell/states";
import { useWidth } from "../shell/use-width";
import { queryOf } from "./change";
import { courseAt, filmsOf, marked, type Films } from "./film";
import { Lines } from "./lines";

interface Props {
  incident: Incident;
  answer: WhatIf;
  effect: Effect;
}

const nothing: Film = { times: [], stepMs: 0, mostNode: 0, mostEdge: 0, at: (from) => ({ from, nodes: new Map(), edges: new Map() }) };

/** What a change would have done: in numbers, along time, and as the picture of the incident, played again. */
export function Replayed({ incident, answer, effect }: Props) {
  const at = `/incidents/${encodeURIComponent(incident.id)}`;
  const query = new URLSearchParams(effect.changes.map((c) => ["change", queryOf(c)]));
  query.append("seed", String(effect.seed));
  const { data, error, retry } = useResource<ReplayView>(`${at}/whatif/frames?${query.toString()}`, false);
  const shared = useResource<FramesView>(`${at}/frames`, true).data?.shared;
  const films = useMemo(() => (data?.known ? filmsOf(data) : null), [data]);
  const moment = useMoment(incident, films?.changed ?? nothing, { name: "replay", rest: films?.worst ?? null });
  const t = moment.index === null ? null : (films?.changed.times[moment.index] ?? null);
  return (
    <>
      <Lines incident={incident} answer={answer} effect={effect} at={t === null ? null : t / 1000} />
      {films ? (
        <Pictures incident={incident} answer={answer} effect={effect} films={films} moment={moment} shared={shared ?? none} />
      ) : error ? (
        <Failure what="replay" error={error} retry={retry} />
      ) : (
        !data && <Loading what="the picture, played again" />
      )}
    </>
  );
}

const none: Shared[] = [];

const sides = [
  ["happened", "what happened"],
  ["changed", "with the change"],
  ["both", "both"],
] as const;

/** From this width on two pictures have room side by side. */
const roomForBoth = 1000;

function Pictures({ incident, answer, effect, films, moment, shared }: Props & { films: Films; moment: Moment; shared: Shared[] }) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const [track, trackWidth] = useWidth<HTMLDivElement>();
  useEffect(() => {
    // What is scrolled in one picture is scrolled in the other.
    const all = frame.current;
    const follow = (event: Event) => {
      for (const p of all?.querySelectorAll(".picture") ?? [])
        if (event.target instanceof Element && event.target.matches(".picture") && p !== event.target) p.scrollLeft = event.target.scrollLeft;
    };
    all?.addEventListener("scroll", follow, true);
    return () => all?.removeEventListener("scroll", follow, true);
  }, []);
  const [selected, setSelected] = useState<string | null>(null);
  const asked = parameter("side");
  const side = sides.find(([name]) => name === asked)?.[0] ?? (width >= roomForBoth ? "both" : "changed");
  const index = moment.index ?? 0;
  const t = films.changed.times[index] ?? 0;
  const plain = useMemo(() => ({ ...incident, containment: null }), [incident]);
  const was = useMemo(() => cascadePicture(plain, { now: { film: films.happened, frame: films.happened.at(index) }, shared }), [plain, films, index, shared]);
  const now = useMemo(
    () => marked(cascadePicture(plain, { now: { film: films.changed, frame: films.changed.at(index) }, shared }), effect.changes),
    [plain, films, index, shared, effect],
  );
  const one = (which: "happened" | "changed") => (
    <Side
      name={which}
      picture={which === "happened" ? was : now}
      users={courseAt(which === "happened" ? answer.happened : effect.outcome, Date.parse(incident.start), t)}
      route={answer.route}
      selected={selected}
      onSelect={(id) => setSelected(selected === id ? null : id)}
      file={`headwater-${incident.id}-${which}`}
    />
  );
  return (
    <div class="replay" ref={frame}>
      <h3>
        The picture, played again <span class="moment">{`${clock(new Date(t), zone.value)}, ${phaseAt(incident, t)}`}</span>
      </h3>
      <div class="replay-bar">
        <ScrubberButtons film={films.changed} moment={moment} label="Play the replay" alone />
        <div class="scrub-buttons" role="group" aria-label="What is shown">
          {sides.map(([name, words]) => (
            <button key={name} type="button" class="whole" aria-pressed={side === name} onClick={() => setParameter("side", name)}>
              {words}
            </button>
          ))}
        </div>
      </div>
      <div ref={track}>
        {trackWidth > 0 && <ScrubberTrack incident={incident} film={films.changed} moment={moment} width={trackWidth} label="Moment of the replay" />}
      </div>
      <div class={side === "both" ? "replay-sides both" : "replay-sides"}>
        {side !== "changed" && one("happened")}
        {side !== "happened" && one("changed")}
      </div>
      <Legend shared={shared.length > 0} cut={now.edges.some((e) => e.cut)} cutWords="changed here" changed={now.nodes.some((n) => n.mark === "focus")} />
      <div aria-live="polite">{selected !== null && <Beside id={selected} was={was} now={now} />}</div>
      <p class="quiet beneath">
        With the change, one run of {effect.runs} is shown: the one in the middle. It is played on for a while after the incident's end.
      </p>
    </div>
  );
}

interface SideProps {
  name: "happened" | "changed";
  picture: PictureModel;
  users: Outcome["course"][number] | undefined;
  route: string;
  selected: string | null;
  onSelect: (id: string) => void;
  file: string;
}

function Side({ name, picture, users, route, selected, onSelect, file }: SideProps) {
  const words = name === "happened" ? "What happened" : "With the change";
  return (
    <figure class={name}>
      <figcaption>
        <strong>{words}</strong>
        {users?.requests === 0 && ": nobody came"}
        {users && users.requests > 0 && (
          <>
            : {share(users.failed_share)} of {route} failed, p95 {seconds(users.p95)}
          </>
        )}
      </figcaption>
      <Picture picture={picture} label={`${words}: the cascade, callers at the left`} selected={selected} onSelect={onSelect} file={file} />
    </figure>
  );
}

/** One node or call in both, in words. */
function Beside({ id, was, now }: { id: string; was: PictureModel; now: PictureModel }) {
  const words = (p: PictureModel) => (p.nodes.find((n) => n.id === id) ?? p.edges.find((e) => e.id === id))?.words ?? "";
  return (
    <dl class="beside">
      <dt>What happened</dt>
      <dd>{words(was)}</dd>
      <dt>With the change</dt>
      <dd>{words(now)}</dd>
    </dl>
  );
}
