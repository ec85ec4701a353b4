import { useEffect } from "preact/hooks";
import { useResource } from "../api/resource";
import type { RiskReport } from "../api/types";
import { grouped } from "../format/number";
import { counted, prose } from "../format/words";
import { clock, day, known, zone } from "../format/time";
import { parameter, parameters } from "../router";
import { Failure, Loading } from "../shell/states";
import { RiskItem, riskKey } from "./item";
import { usePlays, waiting } from "./plays";
import { RoomTable } from "./room";
import { RouteChoice } from "./routes";

/** What would break when a dependency slows down, told from healthy traffic. */
export function RisksPage() {
  useEffect(() => {
    document.title = "Risks · Headwater";
  }, []);
  const query = new URLSearchParams();
  for (const name of ["from", "to"]) {
    const value = parameter(name);
    if (value !== null) query.set(name, value);
  }
  for (const route of parameters("critical")) query.append("critical", route);
  const text = query.toString();
  const { data, error, retry } = useResource<RiskReport>(`/risks${text === "" ? "" : `?${text}`}`, false);
  return (
    <article class="risks-page">
      <h1 class="page-title">Latent risks</h1>
      <p class="tally">What would break when a dependency slows down, told from healthy traffic.</p>
      {error && !data ? <Failure what="risks" error={error} retry={retry} /> : data ? <Found report={data} /> : <Loading what="the risks" />}
    </article>
  );
}

function Found({ report }: { report: RiskReport }) {
  const { range, room, routes, notes } = report;
  const open = parameter("risk");
  const playing = usePlays(report, timeOf(report));
  // The order changes once, when all are played, so that nothing moves under the reader meanwhile.
  const risks = playing.risks.length > 0 && !waiting(playing) ? playing.risks : report.risks;
  return (
    <>
      <p class="quiet">
        {known(range.start) && report.traces > 0 && (
          <>
            {day(range.start, zone.value)} {clock(range.start, zone.value)} to {clock(range.end, zone.value)}:{" "}
          </>
        )}
        {counted(report.traces, grouped(report.traces), "trace")} and {counted(report.windows, grouped(report.windows), "window")}, incidents left out.
      </p>
      {risks.length === 0 ? (
        <p>{waiting(playing) ? "No weakness stands out so far; the replays below may show one." : "No weakness stands out in this traffic."}</p>
      ) : (
        <section class="causes" aria-labelledby="risks-title">
          <h2 id="risks-title">What may break, worst first</h2>
          <p class="quiet">The score is how bad it would be, times how sure it is that it is there, and more where more of the users' requests pass.</p>
          <ol>
            {risks.map((r) => (
              <RiskItem key={riskKey(r)} risk={r} open={open === null ? r.rank === 1 : open === riskKey(r)} />
            ))}
          </ol>
          {waiting(playing) && room.length > 0 && <p class="quiet">Whether the system comes back by itself is being played; what that shows is added here.</p>}
        </section>
      )}
      {room.length > 0 && <RoomTable room={room} playing={playing} />}
      {routes.length > 0 && <RouteChoice routes={routes} />}
      {notes.length > 0 && (
        <ul class="notes">
          {notes.map((n) => (
            <li key={n}>{prose(n)}</li>
          ))}
        </ul>
      )}
    </>
  );
}

/** The query that asks for the same time and routes again, whatever has come since. */
function timeOf(report: RiskReport): string {
  const query = new URLSearchParams({ from: report.range.start, to: report.range.end ?? "" });
  for (const route of parameters("critical")) query.append("critical", route);
  return query.toString();
}
