import { useResource } from "../api/resource";
import type { Gap, Incident, Left, Perhaps, Step, StepID, Workflow, WorkflowReport, WorkflowState } from "../api/types";
import { grouped, share } from "../format/number";
import { clock, zone } from "../format/time";
import { parameter, queryOf, setParameter, tracePath } from "../router";
import { Failure, Loading } from "../shell/states";
import { leftWords, whyWords } from "./left";

/** How many workflows the page lists; the CSV has them all. */
const shown = 100;

/** What the address has where the list begins with the incident; else it has a time. */
const first = "1";

/**
 * What became of the workflows that began in the incident. How many there are comes with
 * the incident; they are read when the list is opened.
 */
export function Workflows({ incident }: { incident: Incident }) {
  const { id, left } = incident;
  const asked = parameter("workflows");
  const open = asked !== null;
  const from = asked === null || asked === first ? null : asked;
  return (
    <section aria-labelledby={title} class={open ? "list-open" : undefined}>
      <h2 id={title}>What is half done</h2>
      <p>{left ? left.sentence : incident.end ? notYet : running}</p>
      <p class="quiet">A workflow is a request with all that follows from it, messages and their consumers too. It is half done where a step is missing that belongs to those which were done.</p>
      <p>
        <button type="button" class="plain" aria-expanded={open} onClick={() => setParameter("workflows", open ? null : first)}>
          {open ? "Close the list" : "List them"}
        </button>{" "}
        <a href={`/api/v1/incidents/${encodeURIComponent(id)}/workflows.csv`} download={`workflows-${id}.csv`}>
          Download all as CSV
        </a>
      </p>
      {open && <List id={id} from={from} told={left !== null} />}
    </section>
  );
}

const title = "workflows-title";
const notYet = "Not counted yet: that is done about a minute after the incident's end. The list tells now.";
const running = "It is counted when the incident is over. The list tells what is half done by now.";

/** The same in short, for the head of the page: what it left, and the way to the list. */
export function LeftBehind({ left }: { left: Left }) {
  const list = () => {
    setParameter("workflows", first);
    requestAnimationFrame(() => document.getElementById(title)?.scrollIntoView({ block: "start" }));
  };
  return (
    <>
      {leftWords(left)} of {grouped(left.workflows)} workflows{left.until && ` that began until ${clock(left.until, zone.value)}`}:{" "}
      <button type="button" class="plain" onClick={list}>
        list what is half done
      </button>
    </>
  );
}

/** told is set where it was said before how many there are. */
function List({ id, from, told }: { id: string; from: string | null; told: boolean }) {
  const { data, error, retry } = useResource<WorkflowReport>(`/incidents/${encodeURIComponent(id)}/workflows${queryOf({ from })}`, false);
  if (!data) return error ? <Failure what="workflows" error={error} retry={retry} /> : <Loading what="the workflows" />;
  const { counts, workflows, notes } = data;
  const keyed = data.keys.length > 0;
  return (
    <>
      {(!told || data.rest || from !== null || counts.undone > 0) && (
        <p>
          Of {grouped(counts.workflows)} workflows, <strong>{grouped(counts.half_done)}</strong> are half done,{" "}
          <strong>{grouped(counts.done_twice)}</strong> did a step twice, {counts.perhaps_twice > 0 && `${grouped(counts.perhaps_twice)} perhaps did, `}
          {grouped(counts.undone)} were undone and {grouped(counts.running)} are not over.
        </p>
      )}
      {workflows.length > 0 && (
        <div class="scroll" tabIndex={0} role="group" aria-label="Workflows, scrolls sideways">
          <table>
            <thead>
              <tr>
                <th scope="col">Began</th>
                <th scope="col">State</th>
                <th scope="col">Trace</th>
                <th scope="col">Route</th>
                {keyed && <th scope="col">Keys</th>}
                <th scope="col">Done</th>
                <th scope="col">What is wrong</th>
              </tr>
            </thead>
            <tbody>
              {workflows.slice(0, shown).map((w) => (
                <Row key={w.trace_id} workflow={w} keyed={keyed} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {workflows.length > shown && <p class="quiet">The first {shown} are shown; the CSV has all.</p>}
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

function Row({ workflow: w, keyed }: { workflow: Workflow; keyed: boolean }) {
  const open = [
    ...w.missing.map((g: Gap) => `${stepWords(g.step)} is missing: ${whyWords[g.why] ?? g.why}`),
    ...w.twice.map((s: Step) => `${stepWords(s.step)} was done ${s.times} times`),
    ...w.perhaps_twice.map((p: Perhaps) => `${stepWords(p.step)} was perhaps done twice (${share(p.likely)})`),
    ...w.undone.map((s: Step) => `${stepWords(s.step)} was undone`),
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
      {keyed && <td>{w.keys.map((k) => `${k.name}=${k.value}`).join(", ")}</td>}
      <td>{w.done.map((s: Step) => stepWords(s.step)).join(", ")}</td>
      <td>{open.join("; ")}</td>
    </tr>
  );
}

const stepWords = (s: StepID) => `${s.service} ${s.call}`;
