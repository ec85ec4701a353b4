import { useEffect, useMemo, useState } from "preact/hooks";
import { useResource } from "../api/resource";
import type { GraphNode, GraphView } from "../api/types";
import { grouped, perSecond, seconds, share } from "../format/number";
import { counted } from "../format/words";
import { Picture } from "../picture/picture";
import { prepareLayout } from "../picture/use-plan";
import { EdgeTable } from "../picture/table";
import { edgePath, navigate, nodePath, parameter, parameters, queryOf, setParameters, type Range } from "../router";
import { useShortcuts } from "../shell/keys";
import { RangeChoice, useRange } from "../shell/range";
import { Failure, Loading } from "../shell/states";
import { select, type Group, type Selection } from "./select";

const depths = [1, 2, 3, 4];
const mostFound = 12;

/** Who calls whom, at any time, however many there are. */
export function GraphPage() {
  prepareLayout();
  const asked = useRange();
  const path = `/graph${queryOf(asked.query)}`;
  useEffect(() => {
    document.title = "Services · Headwater";
  }, []);
  useShortcuts([{ keys: "/", does: "to the search", run: () => document.getElementById("find-node")?.focus() }]);
  return (
    <article class="graph-page">
      <h1 class="page-title">Services</h1>
      <Loaded path={path} asked={asked} />
    </article>
  );
}

function Loaded({ path, asked }: { path: string; asked: ReturnType<typeof useRange> }) {
  const { data, error, retry } = useResource<GraphView>(path, asked.last !== null);
  const [old, setOld] = useState<GraphView | null>(null);
  useEffect(() => {
    if (data) setOld(data);
  }, [data]);
  const graph = data ?? old;
  if (error) return <Failure what="graph" error={error} retry={retry} />;
  return (
    <>
      <div class="search">
        <RangeChoice asked={asked} />
        {graph && <FindNode nodes={graph.nodes} />}
        <Focus graph={graph} />
      </div>
      {graph ? <Shown graph={graph} range={asked.range} /> : <Loading what="the graph" />}
    </>
  );
}

/** Finds nodes by a part of their name; choosing one draws the picture about it. */
function FindNode({ nodes }: { nodes: GraphNode[] }) {
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const found = useMemo(
    () =>
      wanted === ""
        ? []
        : nodes
            .filter((n) => n.name.toLowerCase().includes(wanted))
            .sort((a, b) => a.name.length - b.name.length || (a.id < b.id ? -1 : 1)),
    [nodes, wanted],
  );
  const choose = (n: GraphNode) => {
    setText("");
    setParameters({ focus: n.id, sel: n.id });
  };
  return (
    <div class="find">
      <label>
        Find
        <input
          id="find-node"
          value={text}
          placeholder="a part of a name"
          autocomplete="off"
          onInput={(e) => setText(e.currentTarget.value)}
          onKeyDown={(e) => {
            if (e.key === "Enter" && found[0]) choose(found[0]);
            if (e.key === "Escape") setText("");
          }}
        />
      </label>
      {wanted !== "" && (
        <ul class="suggestions" aria-label="Found nodes">
          {found.slice(0, mostFound).map((n) => (
            <li key={n.id}>
              <button type="button" onClick={() => choose(n)}>
                {n.name} <span class="at">{n.kind}</span>
              </button>
            </li>
          ))}
          <li class="quiet">{found.length === 0 ? "no name has this in it" : found.length > mostFound ? `and ${found.length - mostFound} more` : ""}</li>
        </ul>
      )}
    </div>
  );
}

function Focus({ graph }: { graph: GraphView | null }) {
  const focus = parameter("focus");
  if (focus === null) return null;
  const name = graph?.nodes.find((n) => n.id === focus)?.name ?? focus;
  return (
    <div class="focus-on">
      <span>
        about <strong>{name}</strong>
      </span>
      <label>
        Calls away
        <select value={parameter("depth") ?? "2"} onChange={(e) => setParameters({ depth: e.currentTarget.value })}>
          {depths.map((d) => (
            <option key={d} value={String(d)}>
              {d}
            </option>
          ))}
        </select>
      </label>
      <button type="button" class="plain" onClick={() => setParameters({ focus: null, depth: null })}>
        Show all
      </button>
    </div>
  );
}

function Shown({ graph, range }: { graph: GraphView; range: Range }) {
  const focus = parameter("focus");
  const depth = Math.max(1, Math.min(4, Number(parameter("depth") ?? 2) || 2));
  const open = parameters("open");
  const selection = useMemo(
    () => select(graph, { focus, depth, open }),
    [graph, focus, depth, open.join("\n")],
  );
  if (graph.nodes.length === 0) return <p class="empty">No call in this time. Choose a longer one.</p>;
  if (selection.reached === 0) return <p class="empty">It was not seen in this time. Choose a longer one, or show all.</p>;
  return <Drawn graph={graph} range={range} selection={selection} open={open} />;
}

interface DrawnProps {
  graph: GraphView;
  range: Range;
  selection: Selection;
  open: string[];
}

function Drawn({ graph, range, selection, open }: DrawnProps) {
  const { picture, groups, reached } = selection;
  const selected = parameter("sel");
  const node = graph.nodes.find((n) => n.id === selected);
  const drawn = picture.nodes.length - groups.length;
  const choose = (id: string) => {
    const group = groups.find((g) => g.key === id);
    const edge = picture.edges.find((e) => e.id === id);
    if (group) setParameters({ open: [...open, group.key] });
    else if (edge && !edge.grouped) navigate(edgePath(edge, range));
    else if (!edge) setParameters({ sel: id === selected ? null : id });
  };
  return (
    <>
      <p class="quiet" role="status">
        {counted(graph.nodes.length, grouped(graph.nodes.length), "node")}, {counted(graph.edges.length, grouped(graph.edges.length), "edge")}
        {reached < graph.nodes.length && `; ${grouped(reached)} within reach`}
        {groups.length > 0 && `; ${grouped(drawn)} drawn one by one, ${grouped(reached - drawn)} in groups`}. Callers stand at the left.
      </p>
      <Picture picture={picture} label="Service graph" selected={node ? selected : null} onSelect={choose} file="headwater-services" />
      <div aria-live="polite">{node && <Detail node={node} range={range} />}</div>
      {groups.length > 0 && <Groups groups={groups} open={open} />}
      {open.length > 0 && (
        <button type="button" class="plain" onClick={() => setParameters({ open: null })}>
          Close the opened groups
        </button>
      )}
      <EdgeTable picture={picture} range={range} />
    </>
  );
}

function Detail({ node, range }: { node: GraphNode; range: Range }) {
  return (
    <div class="node-detail">
      <h2>
        {node.name} <span class="at">{node.kind}</span>
      </h2>
      <p>
        {perSecond(node.rate)}, mean {seconds(node.mean)}, p95 {seconds(node.p95)}, {share(node.error_share)} failed
      </p>
      <p>
        <a href={nodePath(node.id, range)}>All about {node.name}</a>
        {node.kind === "service" && <a href={`/traces${queryOf({ service: node.name, ...range })}`}>Its traces</a>}
        <button type="button" class="plain" onClick={() => setParameters({ focus: node.id })}>
          Draw the picture about it
        </button>
      </p>
    </div>
  );
}

function Groups({ groups, open }: { groups: Group[]; open: string[] }) {
  return (
    <ul class="groups" aria-label="Groups of nodes that are not drawn one by one">
      {groups.map((g) => (
        <li key={g.key}>
          <button type="button" class="plain" onClick={() => setParameters({ open: [...open, g.key] })}>
            {g.members.length} × {g.name}
          </button>
        </li>
      ))}
    </ul>
  );
}
