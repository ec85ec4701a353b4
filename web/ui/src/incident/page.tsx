import { prose } from "../format/words";
import { useEffect, useMemo } from "preact/hooks";
import { useResource } from "../api/resource";
import type { FramesView, IncidentView } from "../api/types";
import { CauseList } from "../causes/list";
import { Ranking } from "../causes/ranking";
import { incidentPath, parameter, redirect, setParameter } from "../router";
import { useShortcuts } from "../shell/keys";
import { Failure, Loading } from "../shell/states";
import { prepareLayout } from "../picture/use-plan";
import { Timeline } from "../timeline/timeline";
import { Cascade } from "./cascade";
import { filmOf } from "./film";
import { Headline } from "./headline";
import { ImpactTable } from "./impact";
import { WhatIfPanel } from "../whatif/panel";
import { useMoment } from "./moment";
import { StillPressing } from "./recovery";
import { Workflows } from "./workflows";

export function IncidentPage({ id }: { id: string }) {
  prepareLayout();
  const { data, error, retry } = useResource<IncidentView>(`/incidents/${encodeURIComponent(id)}`, true);
  const found = data?.incident.id;
  useEffect(() => {
    if (found !== undefined && found !== id) redirect(incidentPath(found)); // it was merged into another
  }, [found, id]);
  useEffect(() => {
    document.title = data ? `${prose(data.incident.sentence).slice(0, 60)} · Headwater` : "Incident · Headwater";
  }, [data]);
  if (!data) return error ? <Failure what="incident" error={error} retry={retry} /> : <Loading what="the incident" />;
  return <Shown view={data} />;
}

function Shown({ view }: { view: IncidentView }) {
  const incident = view.incident;
  // Without frames, as when the windows have grown too old, the nodes still move.
  const frames = useResource<FramesView>(`/incidents/${encodeURIComponent(incident.id)}/frames`, true).data;
  const film = useMemo(() => filmOf(incident, frames, view.window_seconds), [incident, frames, view.window_seconds]);
  const moment = useMoment(incident, film);
  const now = useMemo(
    () => (moment.index === null ? null : { film, frame: film.at(moment.index) }),
    [film, moment.index],
  );
  const asked = parameter("cause");
  const open = asked === null ? 1 : Number(asked);
  const openCause = (rank: number) => {
    setParameter("cause", String(rank));
    requestAnimationFrame(() => document.getElementById(`cause-${rank}`)?.scrollIntoView({ block: "start" }));
  };
  useShortcuts([
    { keys: "p", does: "play the incident, or pause it", run: moment.play },
    { keys: ".", does: "one window on", run: () => moment.step(1) },
    { keys: ",", does: "one window back", run: () => moment.step(-1) },
    { keys: "o", does: "to the onset", run: () => moment.go(moment.onset) },
    { keys: "w", does: "the incident as a whole", run: () => moment.go(null) },
    { keys: "Escape", does: "select nothing in the picture", run: () => setParameter("sel", null) },
    ...incident.causes.slice(0, 9).map((c) => ({
      keys: String(c.rank),
      does: `open cause ${c.rank}`,
      run: () => openCause(c.rank),
    })),
  ]);
  return (
    <article class="incident">
      <Headline incident={incident} />
      <div class="side-by-side">
        <ImpactTable incident={incident} />
        <Ranking incident={incident} open={open} />
      </div>
      {incident.nodes.length > 0 && <Cascade incident={incident} now={now} shared={frames?.shared ?? none} />}
      {incident.timeline.length > 0 && (
        <Timeline incident={incident} windowSeconds={view.window_seconds} film={film} moment={moment} />
      )}
      <CauseList incident={incident} open={open} />
      <StillPressing recovery={incident.recovery} />
      <WhatIfPanel incident={incident} />
      <Workflows incident={incident} />
    </article>
  );
}

const none: FramesView["shared"] = [];
