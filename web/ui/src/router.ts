import { computed, signal } from "@preact/signals";

/** A view of the page, as its path names it. */
export type Route =
  | { page: "incidents" }
  | { page: "incident"; id: string }
  | { page: "traces" }
  | { page: "trace"; id: string }
  | { page: "compare"; a: string; b: string }
  | { page: "graph" }
  | { page: "node" }
  | { page: "edge" }
  | { page: "missing"; path: string };

/** The route of a path. */
export function parseRoute(path: string): Route {
  const parts = path.split("/").filter((p) => p !== "");
  const [first, second] = parts;
  if (parts.length === 0) return { page: "incidents" };
  if (parts.length === 1 && (first === "traces" || first === "graph" || first === "node" || first === "edge")) return { page: first };
  if (parts.length === 3 && first === "compare") {
    const [a, b] = [decode(second ?? ""), decode(parts[2] ?? "")];
    if (a !== null && b !== null) return { page: "compare", a, b };
  }
  if (parts.length === 2 && second !== undefined) {
    const id = decode(second);
    if (id !== null && first === "incidents") return { page: "incident", id };
    if (id !== null && first === "traces") return { page: "trace", id };
  }
  return { page: "missing", path };
}

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null; // a lone percent sign
  }
}

export const incidentPath = (id: string) => `/incidents/${encodeURIComponent(id)}`;
export const tracePath = (id: string) => `/traces/${encodeURIComponent(id)}`;

export const comparePath = (a: string, b: string) => `/compare/${encodeURIComponent(a)}/${encodeURIComponent(b)}`;

/** A time range as addresses have it; without ends it is the newest. */
export interface Range {
  from: string | null;
  to: string | null;
  /** So many seconds back from the newest, where that is not the default. */
  last?: string | null;
}

export const nodePath = (id: string, range: Range) => `/node${queryOf({ id, ...range })}`;
export const edgePath = (e: { caller: string; callee: string; async: boolean }, range: Range) =>
  `/edge${queryOf({ caller: e.caller, callee: e.callee, async: e.async ? "true" : null, ...range })}`;
export const graphPath = (range: Range) => `/graph${queryOf({ ...range })}`;

/** A query string of what is not null. */
export function queryOf(params: Record<string, string | null>): string {
  const set = Object.entries(params).filter((e): e is [string, string] => e[1] !== null && e[1] !== "");
  return set.length === 0 ? "" : `?${new URLSearchParams(set).toString()}`;
}

interface Place {
  path: string;
  query: string;
}

const here = (): Place =>
  typeof location === "undefined" ? { path: "/", query: "" } : { path: location.pathname, query: location.search };

const place = signal<Place>(here());

/** The whole address of the view, as it can be sent to others. */
export const address = computed(() => `${typeof location === "undefined" ? "" : location.origin}${place.value.path}${place.value.query}`);

export const route = computed(() => parseRoute(place.value.path));
const query = computed(() => new URLSearchParams(place.value.query));

/** A parameter of the query, null when it is not there. */
export const parameter = (name: string) => query.value.get(name);
export const parameters = (name: string) => query.value.getAll(name);

export function navigate(href: string): void {
  history.pushState(null, "", href);
  place.value = here();
  scrollTo(0, 0);
  document.getElementById("main")?.focus({ preventScroll: true });
}

/** Goes to another path in place of this one, as when an incident has moved. */
export function redirect(path: string): void {
  history.replaceState(null, "", path + location.search);
  place.value = here();
}

/** Sets a parameter of the query, or takes it away, without a step in history. */
export function setParameter(name: string, value: string | null): void {
  history.replaceState(null, "", location.pathname + withParameter(location.search, name, value) + location.hash);
  place.value = here();
}

/** Sets several parameters at once; a list gives one parameter for each. */
export function setParameters(values: Record<string, string | string[] | null>): void {
  const params = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(values)) {
    params.delete(name);
    for (const v of Array.isArray(value) ? value : [value]) if (v !== null && v !== "") params.append(name, v);
  }
  const text = params.toString();
  history.replaceState(null, "", location.pathname + (text === "" ? "" : `?${text}`) + location.hash);
  place.value = here();
}

/** A query string with one parameter set, or taken away with null. */
export function withParameter(search: string, name: string, value: string | null): string {
  const params = new URLSearchParams(search);
  if (value === null) params.delete(name);
  else params.set(name, value);
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

/** Makes plain links to the page's own paths change the view without a load. */
export function followLinks(): void {
  addEventListener("popstate", () => (place.value = here()));
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.("a");
    const href = link?.getAttribute("href");
    if (!link || !href?.startsWith("/") || href.startsWith("/api/") || link.target !== "") return;
    event.preventDefault();
    navigate(href);
  });
}
