import { connection, type Connection } from "../api/live";
import { setZone, zone, zoneName } from "../format/time";
import { route } from "../router";

const words: Record<Connection, string> = {
  connecting: "connecting",
  live: "live",
  lost: "not connected",
};

export function Header() {
  const at = route.value;
  return (
    <header class="top">
      <a class="brand" href="/" aria-label="Headwater, incidents">
        <Mark />
        Headwater
      </a>
      <nav aria-label="Where you are">
        <ol class="crumbs">
          <li>{at.page === "incidents" ? <span aria-current="page">Incidents</span> : <a href="/">Incidents</a>}</li>
          {at.page === "incident" && (
            <li>
              <span aria-current="page" class="mono">
                {at.id}
              </span>
            </li>
          )}
          {at.page === "trace" && (
            <li>
              <span aria-current="page">Trace</span>
            </li>
          )}
        </ol>
      </nav>
      <span class={`pulse ${connection.value}`} role="status">
        {words[connection.value]}
      </span>
      <ZoneChoice />
    </header>
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
