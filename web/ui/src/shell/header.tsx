import { connection, type Connection } from "../api/live";
import { useEffect, useState } from "preact/hooks";
import { useResource } from "../api/resource";
import type { Status } from "../api/types";
import { seconds } from "../format/number";
import { setZone, zone, zoneName } from "../format/time";
import { route } from "../router";
import { Overlay } from "./overlay";

const words: Record<Connection, string> = {
  connecting: "connecting",
  live: "live",
  lost: "not connected",
};

const places = [
  { href: "/", name: "Incidents", pages: ["incidents", "incident"] },
  { href: "/traces", name: "Traces", pages: ["traces", "trace", "compare"] },
  { href: "/graph", name: "Services", pages: ["graph", "node", "edge"] },
  { href: "/risks", name: "Risks", pages: ["risks"] },
];

export function Header() {
  const at = route.value;
  const status = useResource<Status>("/status", true).data;
  return (
    <header class="top">
      <a class="brand" href="/" aria-label="Headwater, incidents">
        <Mark />
        <span>Headwater</span>
      </a>
      <nav aria-label="Pages">
        <ul class="places">
          {places.map((p) => (
            <li key={p.href}>
              <a href={p.href} aria-current={p.pages.includes(at.page) ? (location.pathname === p.href ? "page" : "true") : undefined}>
                {p.name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <Pulse status={status} />
      <ZoneChoice />
      {status?.login && <Logout />}
      <Overlay />
    </header>
  );
}

const lateMs = 180_000; // windows settle after 40 s; a lull is no news yet
const lookMs = 15_000;

/** Whether changes arrive, and whether there is anything that could change. */
function Pulse({ status }: { status: Status | null }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), lookMs);
    return () => clearInterval(timer);
  }, []);
  const age = status?.watermark ? now - Date.parse(status.watermark) : 0;
  const late = connection.value === "live" && age > lateMs;
  return (
    <span class={`pulse ${connection.value}${late ? " late" : ""}`} role="status">
      {words[connection.value]}
      {late && `, no spans for ${seconds(Math.floor(age / 60_000) * 60)}`}
    </span>
  );
}

/** Ends the session, where a token is asked for. */
function Logout() {
  const leave = () => void fetch("/logout", { method: "POST" }).then(() => location.assign("/login"));
  return (
    <button type="button" class="plain" onClick={leave}>
      Log out
    </button>
  );
}

function ZoneChoice() {
  const local = zoneName("local", new Date().getTimezoneOffset());
  return (
    <div class="zones" role="group" aria-label="Times in">
      <button type="button" aria-pressed={zone.value === "utc"} onClick={() => setZone("utc")}>
        UTC
      </button>
      <button type="button" aria-pressed={zone.value === "local"} onClick={() => setZone("local")} title={local}>
        Local
      </button>
    </div>
  );
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M2 5.5c5 0 6 6.5 11 6.5M2 12h11M2 18.5c5 0 6-6.5 11-6.5" />
      <circle cx="17.5" cy="12" r="4.5" />
    </svg>
  );
}
