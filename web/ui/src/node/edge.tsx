import { useEffect } from "preact/hooks";
import { useResource } from "../api/resource";
import type { EdgeCourse } from "../api/types";
import { grouped, perSecond, seconds, share, times } from "../format/number";
import { nodeName, outcomeWords } from "../format/words";
import { graphPath, nodePath, parameter, queryOf, type Range } from "../router";
import { RangeChoice, useRange } from "../shell/range";
import { Failure, Loading, Missing } from "../shell/states";
import { Charts } from "./charts";

const metrics = [
  { title: "Calls", unit: "1/s", lines: [{ name: "", pick: "rate", colour: "--tone-0" }] },
  {
    title: "Time of an attempt, at the caller",
    unit: "s",
    lines: [
      { name: "p95", pick: "p95", colour: "--own" },
      { name: "mean", pick: "mean", colour: "--tone-0", dash: [5, 3] },
    ],
  },
  { title: "Gap between the two sides", unit: "s", lines: [{ name: "", pick: "gap", colour: "--tone-1" }] },
  { title: "Failed", unit: "share", lines: [{ name: "", pick: "error_share", colour: "--own" }] },
  { title: "Attempts per call", unit: "1", lines: [{ name: "", pick: "amplification", colour: "--retry" }] },
  { title: "Under way at a time", unit: "1", lines: [{ name: "", pick: "in_flight", colour: "--tone-3" }] },
] as const;

/** The calls from one node to another over a time range. */
export function EdgePage() {
  const asked = useRange();
  const [caller, callee, async] = [parameter("caller"), parameter("callee"), parameter("async")];
  useEffect(() => {
    document.title = `${nodeName(caller ?? "")} → ${nodeName(callee ?? "")} · Headwater`;
  }, [caller, callee]);
  if (caller === null || callee === null)
    return <Missing title="No calls are named" detail="The address of this page needs a caller and a callee." />;
  return (
    <article class="node-page">
      <p class="meta">
        <a href={graphPath(asked.range)}>Services</a>
      </p>
      <div class="search">
        <RangeChoice asked={asked} />
      </div>
      <Loaded path={`/edge${queryOf({ caller, callee, async, ...asked.query })}`} follow={asked.last !== null} range={asked.range} />
    </article>
  );
}

function Loaded({ path, follow, range }: { path: string; follow: boolean; range: Range }) {
  const { data, error, retry } = useResource<EdgeCourse>(path, follow);
  if (!data) return error ? <Failure what="edge" error={error} retry={retry} /> : <Loading what="the calls" />;
  const e = data.edge;
  const attempts = data.outcomes.reduce((n, o) => n + o.count, 0);
  return (
    <>
      <header class="headline">
        <h1>
          <a href={nodePath(e.caller, range)}>{data.caller_name}</a> → <a href={nodePath(e.callee, range)}>{data.callee_name}</a>
        </h1>
        <p class="meta">
          <span>{perSecond(e.rate)}</span>
          <span>mean {seconds(e.mean)}</span>
          <span>p95 {seconds(e.p95)}</span>
          <span>{share(e.error_share)} failed</span>
          <span>{times(Math.max(1, e.amplification))} attempts per call</span>
          {e.async ? <span>no answer awaited</span> : <span>{share(data.paired)} seen from both sides</span>}
        </p>
      </header>
      <Charts metrics={metrics} points={data.points} />
      {data.outcomes.length > 0 && (
        <section aria-label="Outcomes">
          <h2>How attempts ended</h2>
          <ul class="outcomes">
            {data.outcomes.map((o) => (
              <li key={o.outcome}>
                <strong>{share(o.count / Math.max(1, attempts))}</strong> {outcomeWords(o.outcome)}{" "}
                <span class="at">{grouped(o.count)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
