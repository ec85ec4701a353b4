import { useEffect } from "preact/hooks";
import { useResource } from "../api/resource";
import type { IncidentList } from "../api/types";
import { along, useShortcuts } from "../shell/keys";
import { Failure, Loading } from "../shell/states";
import { Healthy } from "./healthy";
import { IncidentRow } from "./row";
import { Silent } from "./silent";
import { Tally } from "./tally";

export function IncidentsPage() {
  const { data, error, retry } = useResource<IncidentList>("/incidents", true);
  useShortcuts(along(".incident-row a", "incident"));
  const open = data?.incidents.filter((i) => i.state !== "over").length ?? 0;
  useEffect(() => {
    document.title = open > 0 ? `(${open}) Headwater` : "Headwater";
  }, [open]);
  if (!data) return error ? <Failure what="incidents" error={error} retry={retry} /> : <Loading what="incidents" />;
  if (data.incidents.length === 0) return data.data.spans === 0 ? <Silent /> : <Healthy list={data} />;
  return (
    <>
      <h1 class="page-title">
        {open === 0 ? "No open incident" : open === 1 ? "One open incident" : `${open} open incidents`}
      </h1>
      <Tally list={data} />
      <ol class="incidents" aria-live="polite" aria-relevant="additions">
        {data.incidents.map((i) => (
          <IncidentRow key={i.id} incident={i} />
        ))}
      </ol>
      {open === 0 && <Healthy list={data} />}
    </>
  );
}
