import { useRef } from "preact/hooks";
import { news } from "../api/live";
import type { TraceList } from "../api/types";
import { grouped, share } from "../format/number";
import { clock, zone } from "../format/time";
import { counted } from "../format/words";
import type { useSearch } from "./use-search";

interface Props {
  search: ReturnType<typeof useSearch>;
  list: TraceList;
  longest: boolean;
  follow: boolean;
}

/** What was found, how far back was looked, and what can be done about it. */
export function Progress({ search, list, longest, follow }: Props) {
  const found = list.traces.length;
  const seen = useRef(news.peek());
  const told = news.value;
  if (search.state === "looking") seen.current = told;
  const newer = follow && told !== seen.current;
  const back = clock(list.next ?? list.range.start, zone.value);
  const traces = counted(found, grouped(found), "trace");
  const words = {
    looking: `Looked back to ${back}: ${share(search.share)} of the time, ${grouped(list.looked)} spans; ${traces} so far.`,
    stopped: `${traces} with a span that fits; looked back to ${back}, ${share(search.share)} of the time.`,
    enough: `The newest ${traces} with a span that fits; looked back to ${back}.`,
    done: `${longest && found > 1 ? `The longest ${traces}` : traces} with a span that fits; all ${grouped(list.looked)} spans of the time were looked at.`,
  }[search.state];
  return (
    <div class="search-progress">
      <p class="quiet" role={search.state === "looking" ? undefined : "status"}>
        {words}{" "}
        {search.state === "looking" && (
          <button type="button" class="copy" onClick={search.stop}>
            stop
          </button>
        )}
        {search.state === "stopped" && (
          <button type="button" class="copy" onClick={search.goOn}>
            go on
          </button>
        )}
        {newer && (
          <button type="button" class="copy" onClick={search.again}>
            search again: newer spans have come
          </button>
        )}
      </p>
      {search.error && <p class="cut">The search stopped: {search.error.message}</p>}
      {search.state === "looking" && <progress max={1} value={search.share} aria-label="How much of the time was looked at" />}
    </div>
  );
}
