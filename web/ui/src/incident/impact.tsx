import type { Impact, Incident } from "../api/types";
import { queryOf } from "../router";
import { grouped, perSecond, seconds, share } from "../format/number";

/** Who is hurt, and how much. */
export function ImpactTable({ incident }: { incident: Incident }) {
  return (
    <section aria-labelledby="impact-title">
      <h2 id="impact-title">Who is hurt</h2>
      {incident.impact.length === 0 ? (
        <p class="quiet">No user is hurt so far.</p>
      ) : (
        <div class="scroll" tabIndex={0} role="group" aria-label="Impact per route, scrolls sideways">
          <table class="impact">
            <thead>
              <tr>
                <th scope="col">Route</th>
                <th scope="col" class="number">
                  Failed
                </th>
                <th scope="col" class="number">
                  p50
                </th>
                <th scope="col" class="number">
                  p95
                </th>
                <th scope="col" class="number">
                  Requests
                </th>
                <th scope="col" class="number">
                  Added waiting
                </th>
              </tr>
            </thead>
            <tbody>
              {incident.impact.map((i) => (
                <ImpactRow key={`${i.node} ${i.route}`} impact={i} incident={incident} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function ImpactRow({ impact: i, incident }: { impact: Impact; incident: Incident }) {
  const failed = i.requests > 0 ? i.failed / i.requests : 0;
  return (
    <tr>
      <th scope="row">
        <a href={`/traces${queryOf({ service: i.service, operation: i.route, sort: "longest", from: incident.start, to: incident.end })}`} title="Its longest traces in the incident">
          {i.route}
        </a>
        <span class="at"> at {i.service}</span>
      </th>
      <Change before={share(i.baseline_failed_share)} after={share(failed)} bad={failed > i.baseline_failed_share + 0.01} />
      <Change before={seconds(i.baseline_p50)} after={seconds(i.p50)} bad={i.p50 > 1.5 * i.baseline_p50} />
      <Change before={seconds(i.baseline_p95)} after={seconds(i.p95)} bad={i.p95 > 1.5 * i.baseline_p95} />
      <td class="number">
        {grouped(i.requests)} <span class="at">{perSecond(i.rate)}</span>
      </td>
      <td class="number">{seconds(i.excess_seconds)}</td>
    </tr>
  );
}

function Change({ before, after, bad }: { before: string; after: string; bad: boolean }) {
  return (
    <td class="number">
      <span class="at">{before} → </span>
      {bad ? <strong>{after}</strong> : after}
    </td>
  );
}
