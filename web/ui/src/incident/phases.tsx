import type { Incident } from "../api/types";
import { seconds } from "../format/number";
import { between, clock, zone } from "../format/time";

/** How the incident went: its phases side by side, as wide as they were long. */
export function Phases({ incident }: { incident: Incident }) {
  const z = zone.value;
  if (incident.phases.length === 0) return null;
  return (
    <ol class="phases" aria-label="Phases">
      {incident.phases.map((p) => (
        <li key={p.name} class={`phase ${p.name}`} style={{ flexGrow: between(p.start, p.end) }} title={p.sentence}>
          <span class="phase-name">{p.name === "recovery" && incident.metastable ? "kept up" : p.name}</span>{" "}
          <span class="quiet">
            <time dateTime={p.start}>{clock(p.start, z)}</time>, {seconds(between(p.start, p.end))}
          </span>
        </li>
      ))}
    </ol>
  );
}
