import { useEffect, useMemo } from "preact/hooks";
import { useResource } from "../api/resource";
import type { GraphEdge, NodeCourse, PartView } from "../api/types";
import { perSecond, seconds, share, times } from "../format/number";
import { nodeName } from "../format/words";
import { clock, zone } from "../format/time";
import { edgePath, graphPath, nodePath, parameter, queryOf, tracePath, type Range } from "../router";
import { RangeChoice, useRange } from "../shell/range";
import { Failure, Loading, Missing } from "../shell/states";
import { Charts } from "./charts";

const metrics = [
  { title: "Visits", unit: "1/s", lines: [{ name: "", pick: "rate", colour: "--tone-0" }] },
  {
    title: "Time of a visit",
    unit: "s",
    lines: [
      { name: "p95", pick: "p95", colour: "--own" },
      { name: "mean", pick: "mean", colour: "--tone-0", dash: [5, 3] },
      { name: "p50", pick: "p50", colour: "--soft", dash: [2, 3] },
    ],
  },
  { title: "Own time of a visit", unit: "s", lines: [{ name: "", pick: "self", colour: "--tone-1" }] },
  { title: "Failed", unit: "share", lines: [{ name: "", pick: "error_share", colour: "--own" }] },
  { title: "Under way at a time", unit: "1", lines: [{ name: "", pick: "in_flight", colour: "--tone-3" }] },
] as const;

/** One node over a time range. */
export function NodePage() {
  const asked = useRange();
  const id = parameter("id");
  useEffect(() => {
    document.title = `${id === null ? "Node" : nodeName(id)} · Headwater`;
  }, [id]);
  if (id === null) return <Missing title="No node is named" detail="The address of this page needs a node's id." />;
  return (
    <article class="node-page">
      <p class="meta">
        <a href={graphPath(asked.range)}>Services</a>
      </p>
      <div class="search">
        <RangeChoice asked={asked} />
      </div>
      <Loaded path={`/node${queryOf({ id, ...asked.query })}`} follow={asked.last !== null} range={asked.range} />
    </article>
  );
}

function Loaded({ path, follow, range }: { path: string; follow: boolean; range: Range }) {
  const { data, error, retry } = useResource<NodeCourse>(path, follow);
  if (!data) return error ? <Failure what="node" error={error} retry={retry} /> : <Loading what="the node" />;
  const n = data.node;
  return (
    <>
      <header class="headline">
        <h1>
          {n.name} <span class="took">{n.kind}</span>
        </h1>
        <p class="meta">
          <span>{perSecond(n.rate)}</span>
          <span>mean {seconds(n.mean)}</span>
          <span>p95 {seconds(n.p95)}</span>
          <span>{share(n.error_share)} failed</span>
          {n.entry && <span>users enter here</span>}
          <a href={`${graphPath(range)}${range.from === null ? "?" : "&"}focus=${encodeURIComponent(n.id)}&sel=${encodeURIComponent(n.id)}`}>
            In the graph
          </a>
          {n.kind === "service" && <a href={`/traces${queryOf({ service: n.name, ...range })}`}>Its traces</a>}
        </p>
      </header>
      <Charts metrics={metrics} points={data.points} />
      <div class="columns">
        <Calls title="Called by" edges={data.callers} end="caller" range={range} />
        <Calls title="Calls" edges={data.callees} end="callee" range={range} />
      </div>
      <Parts title="Operations" parts={data.operations} />
      <Parts title="Copies" parts={data.instances} />
      {data.left > 0 && <p class="quiet">{data.left} more are visited less often.</p>}
      <Examples course={data} />
    </>
  );
}

function Calls({ title, edges, end, range }: { title: string; edges: GraphEdge[]; end: "caller" | "callee"; range: Range }) {
  if (edges.length === 0) return null;
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <div class="scroll" tabIndex={0} role="group" aria-label={`${title}, scrolls sideways`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Node</th>
              <th scope="col" class="number">Calls</th>
              <th scope="col" class="number">Mean</th>
              <th scope="col" class="number">p95</th>
              <th scope="col" class="number">Failed</th>
              <th scope="col" class="number">Attempts</th>
              <th scope="col">
                <span class="hidden">More</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {edges.map((e) => (
              <tr key={`${e.caller}${e.callee}${e.async}`}>
                <th scope="row">
                  <a href={nodePath(e[end], range)}>{nodeName(e[end])}</a>
                  {e.async && <span class="at"> no answer awaited</span>}
                </th>
                <td class="number">{perSecond(e.rate)}</td>
                <td class="number">{seconds(e.mean)}</td>
                <td class="number">{seconds(e.p95)}</td>
                <td class="number">{share(e.error_share)}</td>
                <td class="number">{times(Math.max(1, e.amplification))}</td>
                <td>
                  <a href={edgePath(e, range)} aria-label={`The calls with ${nodeName(e[end])}`}>
                    calls
                  </a>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Parts({ title, parts }: { title: string; parts: PartView[] }) {
  const slowest = useMemo(() => Math.max(1e-9, ...parts.map((p) => p.mean)), [parts]);
  if (parts.length === 0) return null;
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <div class="scroll" tabIndex={0} role="group" aria-label={`${title}, scrolls sideways`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" class="number">Visits</th>
              <th scope="col" class="number">Mean</th>
              <th scope="col" class="number">p95</th>
              <th scope="col" class="number">Own time</th>
              <th scope="col" class="number">Failed</th>
            </tr>
          </thead>
          <tbody>
            {parts.map((p) => (
              <tr key={`${p.name} ${p.place}`}>
                <th scope="row">
                  {p.name || "(no name)"} {p.place !== "" && <span class="at">{p.place}</span>}
                </th>
                <td class="number">{perSecond(p.rate)}</td>
                <td class="number">
                  <svg class="took-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                    <rect x={100 - (100 * p.mean) / slowest} width={(100 * p.mean) / slowest} height="6" />
                  </svg>
                  {seconds(p.mean)}
                </td>
                <td class="number">{seconds(p.p95)}</td>
                <td class="number">{seconds(p.self)}</td>
                <td class="number">{share(p.error_share)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Examples({ course }: { course: NodeCourse }) {
  if (course.examples.length === 0) return null;
  return (
    <section aria-label="Example traces">
      <h2>Example traces</h2>
      <ul class="examples">
        {course.examples.map((e, i) => (
          <li key={i}>
            <a href={tracePath(e.trace_id)}>
              <span class="role">{e.role}</span> <span class="number">{seconds(e.duration)}</span> at{" "}
              {clock(e.start, zone.value)} <span class="mono">{e.trace_id.slice(0, 8)}…</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
