import { computed, signal } from "@preact/signals";

/** A view of the page, as its path names it. */
export type Route =
  | { page: "incidents" }
  | { page: "incident"; id: string }
  | { page: "trace"; id: string }
  | { page: "missing"; path: string };

/** The route of a path. */
export function parseRoute(path: string): Route {
  const parts = path.split("/").filter((p) => p !== "");
  const [first, second] = parts;
  if (parts.length === 0) return { page: "incidents" };
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

interface Place {
  path: string;
  query: string;
}

const here = (): Place =>
  typeof location === "undefined" ? { path: "/", query: "" } : { path: location.pathname, query: location.search };

const place = signal<Place>(here());

export const route = computed(() => parseRoute(place.value.path));
const query = computed(() => new URLSearchParams(place.value.query));

/** A parameter of the query, null when it is not there. */
export const parameter = (name: string) => query.value.get(name);

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
  history.replaceState(null, "", location.pathname + withParameter(location.search, name, value));
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
    if (!link || !href?.startsWith("/") || link.target !== "") return;
    event.preventDefault();
    navigate(href);
  });
}
