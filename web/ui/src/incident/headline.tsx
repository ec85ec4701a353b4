import type { Incident } from "../api/types";
import { baselineWords, confidenceWords, prose } from "../format/words";
import { seconds, share } from "../format/number";
import { between, clock, day, zone, zoneName } from "../format/time";
import { StateMark } from "../incidents/state-mark";
import { adviceOf } from "./advice";
import { address } from "../router";
import { leftWords } from "./left";
import { LeftBehind } from "./workflows";
import { Copy } from "../shell/copy";

/** The answer in words, before anything else. */
export function Headline({ incident }: { incident: Incident }) {
  const z = zone.value;
  const { start, end, baseline, balance } = incident;
  const advice = adviceOf(incident);
  return (
    <header class="headline">
      <p class="meta">
        <StateMark state={incident.state} />
        <span>
          <time dateTime={start}>{clock(start, z)}</time>
          {end ? (
            <>
              {" – "}
              <time dateTime={end}>{clock(end, z)}</time> {zoneName(z, new Date(start).getTimezoneOffset())},{" "}
              {seconds(between(start, end))}
            </>
          ) : (
            <> {zoneName(z, new Date(start).getTimezoneOffset())} until now</>
          )}
          , {day(start, z)}
        </span>
        <span>
          confidence <strong>{incident.confidence.toFixed(2)}</strong>, {confidenceWords(incident.confidence)}
        </span>
        <span class="take">
          <Copy text={address.value} label="the address of this view" word="copy link" />
          <CopyReport id={incident.id} />
          <a href={`/api/v1/incidents/${encodeURIComponent(incident.id)}`} download={`headwater-${incident.id}.json`}>
            JSON
          </a>
          <a href={`/api/v1/incidents/${encodeURIComponent(incident.id)}/report`} download={`headwater-${incident.id}.txt`}>
            text
          </a>
          <a href={`/api/v1/incidents/${encodeURIComponent(incident.id)}/report.md`} download={`headwater-${incident.id}.md`}>
            Markdown
          </a>
          <a href={`/api/v1/incidents/${encodeURIComponent(incident.id)}/report.html`} download={`headwater-${incident.id}.html`}>
            HTML
          </a>
        </span>
      </p>
      <h1>{prose(incident.sentence)}</h1>
      {(advice.cut || advice.forecast || leftWords(incident.left) !== "") && (
        <dl class="advice">
          {advice.cut && (
            <div>
              <dt>Stop it</dt>
              <dd>{prose(advice.cut.sentence)}</dd>
            </div>
          )}
          {advice.forecast && (
            <div>
              <dt>It ends</dt>
              <dd>{prose(advice.forecast.sentence)}</dd>
            </div>
          )}
          {incident.left && leftWords(incident.left) !== "" && (
            <div>
              <dt>It left</dt>
              <dd>
                <LeftBehind left={incident.left} />
              </dd>
            </div>
          )}
        </dl>
      )}
      <p class="quiet">
        Compared with {baselineWords[baseline.source] ?? baseline.source}, {clock(baseline.range.start, z)} to{" "}
        {clock(baseline.range.end, z)}. The causes below explain {share(balance.explained)} of{" "}
        {seconds(balance.excess_seconds)} of added waiting
        {balance.unattributed > 0.001 && `; ${share(balance.unattributed)} has no account`}.
      </p>
      {incident.notes.length > 0 && (
        <ul class="notes">
          {incident.notes.map((n) => (
            <li key={n}>{n}</li>
          ))}
        </ul>
      )}
    </header>
  );
}

/** Copies the report as text, for a message. */
function CopyReport({ id }: { id: string }) {
  const load = async () => {
    const answer = await fetch(`/api/v1/incidents/${encodeURIComponent(id)}/report`);
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.text();
  };
  return <Copy text={load} label="the report as text" word="copy report" />;
}
