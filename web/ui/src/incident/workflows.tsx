import { useResource } from "../api/resource";
import type { Gap, Perhaps, Step, StepID, Workflow, WorkflowReport, WorkflowState } from "../api/types";
import { grouped, share } from "../format/number";
import { clock, zone } from "../format/time";
import { parameter, queryOf, setParameter, tracePath } from "../router";
import { Failure, Loading } from "../shell/states";

/** How many workflows the page lists; the CSV has them all. */
const shown = 100;

/** What the address has where the list begins with the incident; else it has a time. */
const first = "1";

/** What became of the workflows that began in the incident. They are read when the list is opened. */
export function Workflows({ id }: { id: string }) {
  const asked = parameter("workflows");
  const open = asked !== null;
  const from = asked === null || asked === first ? null : asked;
  const csv = `/api/v1/incidents/${encodeURIComponent(id)}/workflows.csv${queryOf({ from })}`;
  return (
    <section aria-labelledby="workflows-title">
      <h2 id="workflows-title">What is half done</h2>
      <p class="quiet">
        <button type="button" class="plain" aria-expanded={open} onClick={() => setParameter("workflows", open ? null : first)}>
          {open ? "Close the list" : "List half-done workflows"}
        </button>{" "}
        <a href={csv} download={`workflows-${id}.csv`}>
          CSV
        </a>
      </p>
      {open && <List id={id} from={from} />}
    </section>
  );
}

function List({ id, from }: { id: string; from: string | null }) {
  const { data, error, retry } = useResource<WorkflowReport>(`/incidents/${encodeURIComponent(id)}/workflows${queryOf({ from })}`, false);
  if (!data) return error ? <Failure what="workflows" error={error} retry={retry} /> : <Loading what="the workflows" />;
  const { counts, workflows, notes } = data;
  return (
    <>
      <p>
        Of {grouped(counts.workflows)} workflows, <strong>{grouped(counts.half_done)}</strong> are half done,{" "}
        <strong>{grouped(counts.done_twice)}</strong> did a step twice, {counts.perhaps_twice > 0 && `${grouped(counts.perhaps_twice)} perhaps did, `}
        {grouped(counts.undone)} were undone and {grouped(counts.running)} are not over.
      </p>
      {workflows.length > 0 && (
        <div class="scroll" tabIndex={0} role="group" aria-label="Workflows, scrolls sideways">
          <table>
            <thead>
              <tr>
                <th scope="col">Began</th>
                <th scope="col">State</th>
                <th scope="col">Trace</th>
                <th scope="col">Route</th>
                <th scope="col">Keys</th>
                <th scope="col">Done</th>
                <th scope="col">Missing, twice or undone</th>
              </tr>
            </thead>
            <tbody>
              {workflows.slice(0, shown).map((w) => (
                <Row key={w.trace_id} workflow={w} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {workflows.length > shown && <p class="quiet">{grouped(workflows.length - shown)} more are in the CSV.</p>}
      {(from !== null || data.rest) && (
        <p>
          {from !== null && (
            <button type="button" class="plain" onClick={() => setParameter("workflows", first)}>
              From the incident's begin
            </button>
          )}{" "}
          {data.rest && data.judged && (
            <button type="button" class="plain" onClick={() => setParameter("workflows", data.judged!.end)}>
              Go on with those from {clock(data.judged.end, zone.value)}
            </button>
          )}
        </p>
      )}
      {notes.length > 0 && (
        <ul class="notes">
          {notes.map((n) => (
            <li key={n}>{n}</li>
          ))}
        </ul>
      )}
    </>
  );
}

const stateWords: Record<WorkflowState, string> = {
  "half-done": "half done",
  "done-twice": "done twice",
  "perhaps-twice": "perhaps done twice",
  undone: "undone",
  running: "not over",
};

function Row({ workflow: w }: { workflow: Workflow }) {
  const open = [
    ...w.missing.map((g: Gap) => `${stepWords(g.step)} (${g.why})`),
    ...w.twice.map((s: Step) => `${stepWords(s.step)}: ${s.times} times`),
    ...w.perhaps_twice.map((p: Perhaps) => `${stepWords(p.step)}: perhaps twice (${share(p.likely)})`),
    ...w.undone.map((s: Step) => `${stepWords(s.step)}: undone`),
  ];
  return (
    <tr>
      <td>
        <time dateTime={w.start}>{clock(w.start, zone.value)}</time>
      </td>
      <td>
        {stateWords[w.state]}
        {w.waits && <span class="at"> {w.waits.ahead} ahead in the queue</span>}
        {w.lost_spans >= 0.01 && <span class="at"> or lost spans: {share(w.lost_spans)}</span>}
      </td>
      <th scope="row">
        <a href={tracePath(w.trace_id)}>{w.trace_id.slice(0, 8)}</a>
      </th>
      <td>
        {w.route} <span class="at">at {w.service}</span>
      </td>
      <td>{w.keys.map((k) => `${k.name}=${k.value}`).join(", ")}</td>
      <td>{w.done.map((s: Step) => stepWords(s.step)).join(", ")}</td>
      <td>{open.join(", ")}</td>
    </tr>
  );
}

const stepWords = (s: StepID) => `${s.service} ${s.call}`;
