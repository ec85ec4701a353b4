import { useEffect } from "preact/hooks";
import { useResource } from "../api/resource";
import type { IncidentView } from "../api/types";
import { CauseList } from "../causes/list";
import { incidentPath, redirect } from "../router";
import { Failure, Loading } from "../shell/states";
import { Timeline } from "../timeline/timeline";
import { Cascade } from "./cascade";
import { Headline } from "./headline";
import { ImpactTable } from "./impact";
import { Phases } from "./phases";

export function IncidentPage({ id }: { id: string }) {
  const { data, error, retry } = useResource<IncidentView>(`/incidents/${encodeURIComponent(id)}`, true);
  const found = data?.incident.id;
  useEffect(() => {
    if (found !== undefined && found !== id) redirect(incidentPath(found)); // it was merged into another
  }, [found, id]);
  useEffect(() => {
    document.title = data ? `${data.incident.sentence.slice(0, 60)} · Headwater` : "Incident · Headwater";
  }, [data]);
  if (!data) return error ? <Failure what="incident" error={error} retry={retry} /> : <Loading what="the incident" />;
  const incident = data.incident;
  return (
    <article class="incident">
      <Headline incident={incident} />
      <Phases incident={incident} />
      <ImpactTable incident={incident} />
      {incident.nodes.length > 0 && <Cascade incident={incident} />}
      <CauseList incident={incident} />
      {incident.timeline.length > 0 && <Timeline incident={incident} windowSeconds={data.window_seconds} />}
    </article>
  );
}
