import { signal } from "@preact/signals";
import type { Change } from "./types";

/** Whether the server's changes arrive. */
export type Connection = "connecting" | "live" | "lost";

export const connection = signal<Connection>("connecting");
/** Counts the times that something may have changed: asked for again then. */
export const news = signal(0);
/** When the server was lost; null while it is there. */
export const lostAt = signal<Date | null>(null);

let last = "";
const retryMs = 1000;

/** Listens for changes for as long as the page is open. */
export function listen(): void {
  const events = new EventSource("/api/v1/events");
  events.addEventListener("change", (event) => {
    const { revision } = JSON.parse(event.data as string) as Change;
    const first = connection.value === "connecting"; // pages ask by themselves then
    const back = connection.value === "lost";
    if ((revision !== last && !first) || back) news.value++;
    last = revision;
    connection.value = "live";
    lostAt.value = null;
  });
  events.addEventListener("error", () => {
    if (connection.value !== "lost") lostAt.value = new Date();
    connection.value = "lost";
    // The browser tries again by itself unless the answer was no stream.
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, retryMs);
  });
}
