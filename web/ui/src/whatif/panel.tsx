import { prose } from "../format/words";
import { useResource } from "../api/resource";
import type { Incident, WhatIf } from "../api/types";
import { parameter, setParameter } from "../router";
import { Failure, Loading } from "../shell/states";
import { ChangeForm } from "./form";
import { Replayed } from "./replay";
import { changeOf, changesOf } from "./change";

/**
 * What would have contained the incident, and what another change would have made of it. It is played again when
 * the panel is opened: that takes the server some seconds.
 */
export function WhatIfPanel({ incident }: { incident: Incident }) {
  const open = parameter("whatif") !== null;
  return (
    <section aria-labelledby="whatif-title" class="whatif">
      <h2 id="whatif-title">What would have contained it</h2>
      <p class="quiet">
        <button type="button" class="plain" aria-expanded={open} onClick={() => setParameter("whatif", open ? null : best)}>
          {open ? "Close the replay" : "Play it again with changes"}
        </button>
      </p>
      {open && <Opened incident={incident} />}
    </section>
  );
}

/** What the address has where no change was picked. */
const best = "best";

/** The address names the change that is shown. */
function Opened({ incident }: { incident: Incident }) {
  const path = `/incidents/${encodeURIComponent(incident.id)}/whatif`;
  const { data, error, retry } = useResource<WhatIf>(path, false);
  const value = parameter("whatif");
  const asked = value === null || value === best ? "" : value;
  if (!data) return error ? <Failure what="what-if" error={error} retry={retry} /> : <Loading what="the incident, played again with changes" />;
  if (!data.known) return <p role="status">What a change would have done is unknown. {data.why}</p>;
  const show = (change: string) => setParameter("whatif", change);
  const listed = data.containment.find((e) => changeOf(e) === asked) ?? (asked === "" ? data.containment[0] : undefined);
  return (
    <>
      {data.containment.length === 0 ? (
        <p>None of the small changes that were tried would have changed much.</p>
      ) : (
        <ol class="remedies">
          {data.containment.map((e) => {
            const change = changeOf(e);
            return (
              <li key={change}>
                <button type="button" class="plain" aria-pressed={listed === e} onClick={() => show(change)}>
                  {prose(e.sentence)}
                </button>
              </li>
            );
          })}
        </ol>
      )}
      {data.ramp && <p>{prose(data.ramp.sentence)}</p>}
      <ChangeForm incident={incident} asked={asked} onAsk={show} />
      {listed ? <Replayed incident={incident} answer={data} effect={listed} /> : asked !== "" && <Asked incident={incident} path={path} change={asked} />}
      {data.notes.map((n) => (
        <p class="quiet" key={n}>
          {n}
        </p>
      ))}
    </>
  );
}

/** A change that is not in the list. */
function Asked({ incident, path, change }: { incident: Incident; path: string; change: string }) {
  const { data, error, retry } = useResource<WhatIf>(`${path}?${new URLSearchParams(changesOf(change).map((c) => ["change", c])).toString()}`, false);
  if (error && error.status === 400) return <p role="alert">{error.message}</p>;
  if (!data) return error ? <Failure what="what-if" error={error} retry={retry} /> : <Loading what="the incident, played again with this change" />;
  if (!data.changed) return <p role="status">{data.why}</p>;
  return (
    <>
      <p role="status">{prose(data.changed.sentence)}</p>
      <Replayed incident={incident} answer={data} effect={data.changed} />
      {data.notes.map((n) => (
        <p class="quiet" key={n}>
          {n}
        </p>
      ))}
    </>
  );
}
