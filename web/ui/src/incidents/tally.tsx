import type { IncidentList } from "../api/types";
import { counted } from "../format/words";
import { grouped, share } from "../format/number";
import { clock, known, zone } from "../format/time";

/** What the answer was made from, in one quiet line. */
export function Tally({ list }: { list: IncidentList }) {
  const d = list.data;
  const parts = [
    counted(d.services, grouped(d.services), "service"),
    counted(d.spans, grouped(d.spans), "span"),
    counted(d.requests, grouped(d.requests), "request"),
    `${share(d.paired)} of calls seen from both sides`,
  ];
  if (known(list.range.end)) parts.push(`settled up to ${clock(list.range.end, zone.value)}`);
  return (
    <>
      <p class="tally">{parts.join(" · ")}</p>
      {d.malformed.length > 0 && (
        <ul class="notes">
          {d.malformed.map((m) => (
            <li key={m.what}>
              {grouped(m.count)} × {m.what}, first at <span class="mono">{m.first}</span>
            </li>
          ))}
        </ul>
      )}
      {list.notes.length > 0 && (
        <ul class="notes">
          {list.notes.map((n) => (
            <li key={n}>{n}</li>
          ))}
        </ul>
      )}
    </>
  );
}
