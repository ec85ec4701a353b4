import type { IncidentSummary } from "../api/types";
import { confidenceWords, prose } from "../format/words";
import { seconds, share } from "../format/number";
import { between, clock, day, zone } from "../format/time";
import { incidentPath } from "../router";
import { StateMark } from "./state-mark";

export function IncidentRow({ incident }: { incident: IncidentSummary }) {
  return (
    <li class={`incident-row ${incident.state}`}>
      <a href={incidentPath(incident.id)}>
        <div class="when">
          <StateMark state={incident.state} />
          <When incident={incident} />
        </div>
        <p class="sentence">{prose(incident.sentence)}</p>
        <Hurt incident={incident} />
        <p class="confidence" title={`confidence ${incident.confidence.toFixed(2)}`}>
          {incident.confidence.toFixed(2)} <span>{confidenceWords(incident.confidence)}</span>
        </p>
      </a>
    </li>
  );
}

function When({ incident }: { incident: IncidentSummary }) {
  const z = zone.value;
  return (
    <p class="time">
      <time dateTime={incident.start}>{clock(incident.start, z)}</time>
      {incident.end ? (
        <span> · {seconds(between(incident.start, incident.end))}</span>
      ) : (
        <span> until now</span>
      )}
      <br />
      <span class="day">{day(incident.start, z)}</span>
    </p>
  );
}

function Hurt({ incident }: { incident: IncidentSummary }) {
  const worst = incident.worst;
  if (!worst) return <p class="hurt">No user is hurt.</p>;
  return (
    <p class="hurt">
      <strong>{worst.route}</strong>
      <br />
      {worst.failed > 0 && <>{share(worst.failed / Math.max(1, worst.requests))} failed, </>}
      p95 {seconds(worst.baseline_p95)} → {seconds(worst.p95)}
      {incident.routes > 1 && (
        <>
          <br />
          <span class="more">
            and {incident.routes - 1} more {incident.routes === 2 ? "route" : "routes"}
          </span>
        </>
      )}
    </p>
  );
}
