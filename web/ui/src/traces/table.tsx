import type { TraceList } from "../api/types";
import { grouped, seconds } from "../format/number";
import { outcomeWords } from "../format/words";
import { clock, zone } from "../format/time";
import { setParameters, tracePath } from "../router";

interface Props {
  list: TraceList;
  longest: number;
  marked: string[];
  onMark: (id: string) => void;
}

export function TraceTable({ list, longest, marked, onMark }: Props) {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="Found traces, scrolls sideways">
      <table class="found-traces">
        <thead>
          <tr>
            <th scope="col">
              <span class="hidden">Compare</span>
            </th>
            <th scope="col">Begin</th>
            <th scope="col">Request</th>
            <th scope="col" class="number">
              Took
            </th>
            <th scope="col" class="number">
              Spans
            </th>
            <th scope="col" class="number">
              Failed
            </th>
            <th scope="col">Span that fits</th>
          </tr>
        </thead>
        <tbody>
          {list.traces.map((t) => (
            <tr key={t.id}>
              <td>
                <input
                  type="checkbox"
                  aria-label={`Compare trace ${t.id.slice(0, 8)}`}
                  checked={marked.includes(t.id)}
                  onChange={() => onMark(t.id)}
                />
              </td>
              <td class="number">{clock(t.start, zone.value)}</td>
              <th scope="row">
                <a href={`${tracePath(t.id)}?span=${t.match.span_id}`}>
                  {t.service === "" ? <span class="at">(begins outside of this time)</span> : `${t.service} ${t.name}`}
                </a>
                {t.failed && <span class="flag">failed</span>}
              </th>
              <td class="number">
                <svg class="took-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                  <rect x={100 - (100 * t.duration) / longest} width={(100 * t.duration) / longest} height="6" />
                </svg>
                {seconds(t.duration)}
              </td>
              <td class="number">{grouped(t.spans)}</td>
              <td class="number">{t.failures > 0 ? grouped(t.failures) : "–"}</td>
              <td>
                <button
                  type="button"
                  class="copy"
                  title={`Only spans of ${t.match.service}`}
                  onClick={() => setParameters({ service: t.match.service })}
                >
                  {t.match.service}
                </button>{" "}
                {t.match.name} <span class="at">{seconds(t.match.duration)}</span>
                {t.match.outcome !== "ok" && <span class="flag">{outcomeWords(t.match.outcome)}</span>}
                {t.matches > 1 && <span class="at"> and {grouped(t.matches - 1)} more</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
