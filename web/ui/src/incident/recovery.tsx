import type { Recovery } from "../api/types";
import { inUnit, seconds } from "../format/number";
import { clock, zone } from "../format/time";
import { prose } from "../format/words";

/** What still presses after what set the incident off is gone, and when it ends. */
export function StillPressing({ recovery }: { recovery: Recovery | null }) {
  if (!recovery || recovery.pressing.length === 0) return null;
  return (
    <section aria-labelledby="pressing-title">
      <h2 id="pressing-title">{recovery.endless ? "This will not end by itself" : "What still presses"}</h2>
      {recovery.endless && <p>{prose(recovery.intervention)}</p>}
      <div class="scroll" tabIndex={0} role="group" aria-label="What presses, scrolls sideways">
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Usual</th>
              <th scope="col">Highest</th>
              <th scope="col">Now</th>
              <th scope="col">Halves in</th>
              <th scope="col">Gone about</th>
            </tr>
          </thead>
          <tbody>
            {recovery.pressing.map((p, i) => (
              <tr key={i}>
                <th scope="row">
                  {kindWords[p.kind]} <span class="at">{prose(p.subject)}</span>
                </th>
                <td class="number">{inUnit(p.usual, p.unit)}</td>
                <td class="number">{inUnit(p.highest, p.unit)}</td>
                <td class="number">{inUnit(p.now, p.unit)}</td>
                <td class="number">{p.half_life_seconds > 0 ? seconds(p.half_life_seconds) : "does not go down"}</td>
                <td class="number">{p.gone === null ? "not by itself" : clock(p.gone, zone.value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const kindWords: Record<Recovery["pressing"][number]["kind"], string> = {
  retries: "Retries",
  users: "Users who try again",
  backlog: "Messages that wait",
  "cold-cache": "A cold cache",
  "full-pool": "Requests that wait",
  failures: "Requests that fail",
};
