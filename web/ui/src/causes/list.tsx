import type { Incident } from "../api/types";
import { setParameter } from "../router";
import { CauseItem } from "./cause";

/** The ranked causes. Which one is open stands in the address; the first is by default. */
export function CauseList({ incident, open }: { incident: Incident; open: number }) {
  return (
    <section class="causes" aria-labelledby="causes-title">
      <h2 id="causes-title">Why: the causes and their evidence</h2>
      {incident.causes.length === 0 ? (
        <p class="quiet">No cause stands out: what is known is said above.</p>
      ) : (
        <ol>
          {incident.causes.map((c) => (
            <CauseItem
              key={c.rank}
              cause={c}
              incident={incident}
              open={open === c.rank}
              onToggle={() => setParameter("cause", String(open === c.rank ? 0 : c.rank))}
            />
          ))}
        </ol>
      )}
    </section>
  );
}
