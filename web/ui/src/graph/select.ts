import type { GraphEdge, GraphNode, GraphView } from "../api/types";
import { perSecond, seconds, share, times } from "../format/number";
import { nodeName } from "../format/words";
import { mostNodes, placesWhenMore, type PictureEdge, type PictureModel, type PictureNode } from "../picture/model";
import { edgeWidth, retried } from "../picture/scale";

/** What of a graph is to be drawn. */
export interface Wish {
  /** The node about which the picture is drawn; null for the whole. */
  focus: string | null;
  /** How many calls away from the focus. */
  depth: number;
  /** The groups whose members are drawn one by one, by key. */
  open: string[];
}

export interface Group {
  key: string;
  name: string;
  members: GraphNode[];
}

export interface Selection {
  picture: PictureModel;
  groups: Group[];
  /** How many nodes are within reach: drawn or in a group. */
  reached: number;
}

const mostGroups = 18;
const troubled = 0.01; // a share of failures that is worth a mark

/**
 * Chooses what is drawn: the nodes about the focus, or all. Of too many a part is
 * laid out. The others stand as counted groups of nodes named alike, with the
 * calls to them taken together.
 */
export function select(graph: GraphView, wish: Wish, most = mostNodes, places = placesWhenMore): Selection {
  const within = wish.focus === null ? graph.nodes : reach(graph, wish.focus, wish.depth);
  const { kept, groups } = divide(within, wish, most, wish.open.length > 0 ? most : places);
  const groupOf = new Map(groups.flatMap((g) => g.members.map((m) => [m.id, g.key] as const)));
  const drawn = new Set(kept.map((n) => n.id));
  const place = (id: string) => (drawn.has(id) ? id : groupOf.get(id));
  const busiest = Math.max(0, ...graph.edges.map((e) => e.rate));
  return {
    picture: {
      nodes: [...kept.map((n) => nodeOf(n, wish.focus)), ...groups.map(groupNode)],
      edges: [...joined(graph.edges, place).values()].map((list) => edgeOf(list, place, busiest)),
      left: 0,
      leftWords: "",
    },
    groups,
    reached: within.length,
  };
}

/** The nodes at most so many calls from the focus, nearest first. */
export function reach(graph: GraphView, focus: string, depth: number): GraphNode[] {
  const beside = new Map<string, string[]>();
  const add = (a: string, b: string) => void (beside.get(a)?.push(b) ?? beside.set(a, [b]));
  for (const e of graph.edges) {
    add(e.caller, e.callee);
    add(e.callee, e.caller);
  }
  const byId = new Map(graph.nodes.map((n) => [n.id, n]));
  const far = new Map([[focus, 0]]);
  const order = [focus];
  for (let i = 0; i < order.length; i++) {
    const d = far.get(order[i]!)!;
    if (d >= depth) continue;
    for (const next of [...new Set(beside.get(order[i]!) ?? [])].sort()) {
      if (far.has(next)) continue;
      far.set(next, d + 1);
      order.push(next);
    }
  }
  return order.flatMap((id) => byId.get(id) ?? []);
}

/** The nodes drawn one by one, and of too many the others in groups: together so many places. */
function divide(nodes: GraphNode[], wish: Wish, most: number, places: number): { kept: GraphNode[]; groups: Group[] } {
  if (nodes.length <= most) return { kept: nodes, groups: [] };
  const all = alike(nodes);
  const opened = new Set(all.filter((g) => wish.open.includes(g.key)).flatMap((g) => g.members.map((m) => m.id)));
  const rank = new Map(nodes.map((n, i) => [n.id, i]));
  const before = (a: GraphNode, b: GraphNode) =>
    Number(b.id === wish.focus) - Number(a.id === wish.focus) ||
    Number(opened.has(b.id)) - Number(opened.has(a.id)) ||
    (wish.focus === null ? 0 : rank.get(a.id)! - rank.get(b.id)!) ||
    Number(b.error_share >= troubled) - Number(a.error_share >= troubled) ||
    Number(b.entry) - Number(a.entry) ||
    b.rate - a.rate ||
    (a.id < b.id ? -1 : 1);
  const kept = [...nodes].sort(before).slice(0, places - mostGroups);
  const drawn = new Set(kept.map((n) => n.id));
  const left = all
    .map((g) => ({ ...g, members: g.members.filter((m) => !drawn.has(m.id)) }))
    .filter((g) => g.members.length > 0)
    .sort((a, b) => b.members.length - a.members.length || (a.key < b.key ? -1 : 1));
  const groups = left.slice(0, mostGroups - 1);
  const rest = left.slice(mostGroups - 1).flatMap((g) => g.members);
  if (rest.length > 0) groups.push({ key: "others", name: "others", members: rest });
  return { kept: kept.sort((a, b) => rank.get(a.id)! - rank.get(b.id)!), groups };
}

/** All nodes in groups of those named alike; a large group is cut by name. */
function alike(nodes: GraphNode[]): Group[] {
  const byStem = new Map<string, GraphNode[]>();
  for (const n of nodes) {
    const there = byStem.get(stem(n));
    if (there) there.push(n);
    else byStem.set(stem(n), [n]);
  }
  const largest = Math.max(40, Math.ceil(nodes.length / (mostGroups - 6)));
  const byName = new Intl.Collator("en", { numeric: true }).compare;
  const out: Group[] = [];
  for (const [key, members] of byStem) {
    members.sort((a, b) => byName(a.name, b.name) || (a.id < b.id ? -1 : 1));
    const pieces = Math.ceil(members.length / largest);
    for (let i = 0; i < pieces; i++) {
      const part = members.slice(Math.floor((i * members.length) / pieces), Math.floor(((i + 1) * members.length) / pieces));
      const name = pieces === 1 ? key.slice(key.indexOf(" ") + 1) : `${part[0]!.name} – ${part[part.length - 1]!.name}`;
      out.push({ key: pieces === 1 ? key : `${key} ${i + 1}/${pieces}`, name, members: part });
    }
  }
  return out;
}

/** What nodes named alike share: their kind and the first word of their name. */
export function stem(n: Pick<GraphNode, "kind" | "name">): string {
  const word = /^[^\s\-_./:\d]+/.exec(n.name)?.[0] ?? n.name;
  return `${n.kind} ${word}…`;
}

/** The calls between places, taken together where either end is a group. */
function joined(edges: GraphEdge[], place: (id: string) => string | undefined): Map<string, GraphEdge[]> {
  const out = new Map<string, GraphEdge[]>();
  for (const e of edges) {
    const [from, to] = [place(e.caller), place(e.callee)];
    if (from === undefined || to === undefined || (from === to && from !== e.caller)) continue;
    const key = `${from}${e.async ? "~>" : "->"}${to}`;
    const there = out.get(key);
    if (there) there.push(e);
    else out.set(key, [e]);
  }
  return out;
}

const nodeOf = (n: GraphNode, focus: string | null): PictureNode => ({
  id: n.id,
  kind: n.kind,
  name: n.name,
  entry: n.entry,
  line: n.error_share >= troubled ? `${seconds(n.mean)} · ${share(n.error_share)} failed` : `${perSecond(n.rate)} · ${seconds(n.mean)}`,
  own: 0,
  inherited: 0,
  cause: 0,
  mark: n.id === focus ? "focus" : n.error_share >= troubled ? "troubled" : undefined,
  words: [
    `${n.name}, ${n.kind}`,
    ...(n.entry ? ["users enter here"] : []),
    perSecond(n.rate),
    `mean ${seconds(n.mean)}`,
    `p95 ${seconds(n.p95)}`,
    `${share(n.error_share)} failed`,
  ].join("; "),
});

const groupNode = (g: Group): PictureNode => ({
  id: g.key,
  kind: "group",
  name: `${g.members.length} × ${g.name}`,
  entry: g.members.some((m) => m.entry),
  line: `${perSecond(g.members.reduce((sum, m) => sum + m.rate, 0))}, opens`,
  own: 0,
  inherited: 0,
  cause: 0,
  words: `${g.members.length} nodes named ${g.name}, taken together. Opens them.`,
});

function edgeOf(list: GraphEdge[], place: (id: string) => string | undefined, busiest: number): PictureEdge {
  const e = list[0]!;
  const rate = list.reduce((sum, x) => sum + x.rate, 0);
  const of = (pick: (x: GraphEdge) => number) =>
    rate > 0 ? list.reduce((sum, x) => sum + pick(x) * x.rate, 0) / rate : list.reduce((sum, x) => sum + pick(x), 0) / list.length;
  const [from, to] = [place(e.caller)!, place(e.callee)!];
  const name = (id: string, end: string) => (id === end ? nodeName(id) : id);
  const tries = of((x) => x.amplification);
  const retries = retried(tries, 1);
  return {
    id: `${from}${e.async ? "~>" : "->"}${to}`,
    caller: from,
    callee: to,
    callerName: name(from, e.caller),
    calleeName: name(to, e.callee),
    async: e.async,
    width: Math.min(5, edgeWidth(rate, busiest) * 0.5),
    pressed: false,
    retries: retries ? times(tries) : null,
    words: `${name(from, e.caller)} calls ${name(to, e.callee)}; ${perSecond(rate)}; mean ${seconds(of((x) => x.mean))}; ${share(of((x) => x.error_share))} failed`,
    cells: [
      perSecond(rate),
      seconds(of((x) => x.mean)),
      list.length === 1 ? seconds(e.p95) : "",
      share(of((x) => x.error_share)),
      times(tries),
      "",
    ],
    grouped: list.length > 1 || from !== e.caller || to !== e.callee,
  };
}
