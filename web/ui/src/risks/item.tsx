import type { Risk, RiskKind } from "../api/types";
import { inUnit, seconds, share } from "../format/number";
import { clock, zone } from "../format/time";
import { metricWords, nodeName, prose } from "../format/words";
import { nodePath, setParameter, tracePath } from "../router";

export const riskWords: Record<RiskKind, string> = {
  amplification: "Retries multiply",
  "late-deadline": "Waits longer than its caller",
  "no-timeout": "No timeout seen",
  "call-per-item": "A call for each item",
  shared: "Shared with unimportant work",
  "nearly-full": "Nearly full",
  "little-room": "Little room",
  "no-return": "Does not come back",
};

/** What stands in the address for a risk: its rank may change. */
export const riskKey = (risk: Risk): string => `${risk.kind} ${risk.subject}`;

/** One risk; which one is open stands in the address. */
export function RiskItem({ risk, open }: { risk: Risk; open: boolean }) {
  const id = `risk-${risk.rank}`;
  return (
    <li class="cause risk" id={id}>
      <h3>
        <button type="button" aria-expanded={open} aria-controls={`${id}-body`} onClick={() => setParameter("risk", open ? "0" : riskKey(risk))}>
          <span class={risk.rank === 1 ? "rank first" : "rank"}>{risk.rank}</span>
          <span>
            <span class="name">
              {riskWords[risk.kind]}: {prose(risk.subject)}
            </span>
            <span class="why">{prose(risk.sentence)}</span>
          </span>
          <span class="sure">
            score {risk.score.toFixed(2)}, sure {risk.sure.toFixed(2)}; {share(risk.users)} of users' requests pass here
          </span>
        </button>
      </h3>
      {open && <Body risk={risk} id={`${id}-body`} />}
    </li>
  );
}

function Body({ risk, id }: { risk: Risk; id: string }) {
  return (
    <div class="risk-body" id={id}>
      <p>
        <strong>Do:</strong> {prose(risk.remedy)}
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">Measured</th>
            <th scope="col">Value</th>
            <th scope="col">What it says</th>
          </tr>
        </thead>
        <tbody>
          {risk.evidence.map((e, i) => (
            <tr key={i}>
              <th scope="row">{metricWords(e.metric)}</th>
              <td class="number">{inUnit(e.value, e.unit)}</td>
              <td>{prose(e.sentence)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet">
        Where:{" "}
        {risk.path.map((n, i) => (
          <span key={i}>
            {i > 0 && (risk.subject.startsWith("host ") ? ", " : " → ")}
            <a href={nodePath(n, { from: null, to: null })}>{nodeName(n)}</a>
          </span>
        ))}
      </p>
      {risk.examples.length > 0 && (
        <ul class="examples" aria-label="Example traces">
          {risk.examples.map((e) => (
            <li key={e.trace_id}>
              <a href={tracePath(e.trace_id)}>
                <span class="number">{seconds(e.duration)}</span> at {clock(e.start, zone.value)} <span class="mono">{e.trace_id.slice(0, 8)}…</span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
