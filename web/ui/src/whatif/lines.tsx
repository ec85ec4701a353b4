import { useMemo } from "preact/hooks";
import type { Effect, Incident, Outcome, WhatIf } from "../api/types";
import { Chart } from "../chart/chart";
import { seconds, share } from "../format/number";

const lines = [
  { name: "measured", colour: "--soft", dash: [4, 3] },
  { name: "changed", colour: "--own" },
];

/** What users saw and what they would have seen, along time and in numbers. */
export function Lines({ incident, answer, effect, at }: { incident: Incident; answer: WhatIf; effect: Effect; at: number | null }) {
  const was = answer.happened;
  const now = effect.outcome;
  const p95 = useMemo(() => columns(incident, was, now, (p) => p.p95), [incident, was, now]);
  const failed = useMemo(() => columns(incident, was, now, (p) => p.failed_share), [incident, was, now]);
  const mark = { start: Date.parse(incident.start) / 1000, end: incident.end === null ? null : Date.parse(incident.end) / 1000 };
  return (
    <div class="outcome">
      <div class="scroll" tabIndex={0} role="group" aria-label="What would have been, scrolls sideways">
        <table>
          <caption>{answer.route}</caption>
          <thead>
            <tr>
              <th scope="col" />
              <th scope="col">measured</th>
              <th scope="col">played again</th>
              <th scope="col">changed</th>
              <th scope="col">in {effect.runs} runs</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">p95</th>
              <td>{seconds(was.p95)}</td>
              <td>{seconds(answer.replayed.outcome.p95)}</td>
              <td>
                <strong>{seconds(now.p95)}</strong>
              </td>
              <td>
                {seconds(effect.p95_low)} to {seconds(effect.p95_high)}
              </td>
            </tr>
            <tr>
              <th scope="row">failed</th>
              <td>{share(was.failed_share)}</td>
              <td>{share(answer.replayed.outcome.failed_share)}</td>
              <td>
                <strong>{share(now.failed_share)}</strong>
              </td>
              <td>
                {share(effect.failed_low)} to {share(effect.failed_high)}
              </td>
            </tr>
            <tr>
              <th scope="row">over after</th>
              <td>{over(was)}</td>
              <td>{over(answer.replayed.outcome)}</td>
              <td>
                <strong>{over(now)}</strong>
              </td>
              <td>
                {seconds(effect.seconds_low)} to {seconds(effect.seconds_high)}
              </td>
            </tr>
            <tr>
              <th scope="row">ends</th>
              <td>{was.recovered ? "yes" : "no"}</td>
              <td>{often(answer.replayed)}</td>
              <td>
                <strong>{often(effect)}</strong>
              </td>
              <td>{effect.recovery_open ? "chance decides" : ""}</td>
            </tr>
          </tbody>
        </table>
      </div>
      <div class="side-by-side">
        <figure>
          <figcaption>p95 of {answer.route}: measured, and as changed</figcaption>
          <Chart data={p95} lines={lines} unit="s" mark={mark} at={at} label={`p95: ${seconds(was.p95)} in the incident, ${seconds(now.p95)} with the change`} />
        </figure>
        <figure>
          <figcaption>Share that failed: measured, and as changed</figcaption>
          <Chart data={failed} lines={lines} unit="share" mark={mark} at={at} label={`failed: ${share(was.failed_share)} in the incident, ${share(now.failed_share)} with the change`} />
        </figure>
      </div>
    </div>
  );
}

/** In how many runs it ended. */
const often = (e: Effect) => `in ${e.runs_recovered} of ${e.runs}`;

const over = (o: Outcome) => (o.recovered ? seconds(o.seconds_to_recovery) : "not over");

function columns(incident: Incident, was: Outcome, now: Outcome, of: (p: Outcome["course"][number]) => number): [number[], ...number[][]] {
  const start = Date.parse(incident.start) / 1000;
  return [was.course.map((p) => start + p.t), was.course.map(of), was.course.map((_, i) => of(now.course[i] ?? { t: 0, requests: 0, p95: 0, failed_share: 0 }))];
}
