import { useMemo } from "preact/hooks";
import { useResource } from "../api/resource";
import type { GraphView } from "../api/types";
import { growth, seconds, share } from "../format/number";
import { known } from "../format/time";
import { nodePath, queryOf } from "../router";
import { nearest } from "./trouble";

const usualMs = 30 * 60_000; // the time that the last minutes are compared with

/** The nodes that are nearest to trouble, when nothing is wrong. */
export function Nearest({ graph }: { graph: GraphView }) {
  if (!known(graph.range.end)) return null;
  const to = graph.range.start;
  const from = new Date(Date.parse(to) - usualMs).toISOString().replace(/\.\d+Z$/, "Z");
  return <Listed graph={graph} path={`/graph${queryOf({ from, to })}`} />;
}

function Listed({ graph, path }: { graph: GraphView; path: string }) {
  const { data } = useResource<GraphView>(path, false);
  const list = useMemo(() => (data ? nearest(graph, data) : []), [graph, data]);
  if (list.length === 0) return null;
  return (
    <section class="nearest" aria-labelledby="nearest-title">
      <h2 id="nearest-title">Nearest to trouble</h2>
      <ol>
        {list.map((n) => (
          <li key={n.id}>
            <a href={nodePath(n.id, { from: null, to: null })}>{n.name}</a>{" "}
            <span class="quiet">
              mean {seconds(n.usual)} → {seconds(n.mean)} {growth(n.usual, n.mean)}
              {n.failed >= 0.001 && `, ${share(n.failed)} failed`}
            </span>
          </li>
        ))}
      </ol>
      <p class="quiet">The last minutes against the half hour before; all within what is usual.</p>
    </section>
  );
}
