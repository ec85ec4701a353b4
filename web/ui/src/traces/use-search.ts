import { useEffect, useRef, useState } from "preact/hooks";
import { get, RequestFailed } from "../api/client";
import type { TraceList } from "../api/types";
import { merged } from "./merge";

/** How far a search has come. */
export interface Search {
  list: TraceList | null;
  /** Looking; stopped by the reader; enough found for now; the whole time was looked at. */
  state: "looking" | "stopped" | "enough" | "done";
  /** The share of the time that was looked at. */
  share: number;
  error: RequestFailed | null;
}

/** How many traces are enough for now. */
const pageful = 50;

/**
 * Searches back in time, part by part: a part is there in under a second, and
 * the next is asked for until there is enough, or nothing left to look at.
 */
export function useSearch(path: string, longest: boolean) {
  const nothing: Search = { list: null, state: "looking", share: 0, error: null };
  const [search, setSearch] = useState<Search & { path: string }>({ ...nothing, path });
  const [attempt, setAttempt] = useState(0);
  const control = useRef({ stop: () => {}, goOn: () => {} });
  useEffect(() => {
    const aborter = new AbortController();
    let list: TraceList | null = null;
    let wanted = pageful;
    let stopped = false;
    let busy = false;

    const show = (state: Search["state"], error: RequestFailed | null = null) =>
      setSearch({ list, state, share: shareOf(list), error, path });

    async function look(): Promise<void> {
      if (busy) return;
      busy = true;
      stopped = false;
      try {
        for (;;) {
          const part: TraceList = await get<TraceList>(list === null ? path : onwards(path, list), aborter.signal);
          list = { ...part, looked: (list?.looked ?? 0) + part.looked, traces: merged(list?.traces ?? [], part.traces, longest, pageful) };
          if (list.next === null) return show("done");
          if (!longest && list.traces.length >= wanted) return show("enough");
          if (stopped) return show("stopped");
          show("looking");
        }
      } catch (cause) {
        if (!aborter.signal.aborted) show("stopped", cause instanceof RequestFailed ? cause : new RequestFailed(0, String(cause)));
      } finally {
        busy = false;
      }
    }

    control.current = {
      stop: () => (stopped = true),
      goOn: () => {
        wanted = (list?.traces.length ?? 0) + pageful;
        show("looking");
        void look();
      },
    };
    void look();
    return () => aborter.abort();
  }, [path, longest, attempt]);
  return {
    // What was found before stands until the first answer to a changed search.
    ...search,
    stale: search.path !== path,
    stop: () => control.current.stop(),
    goOn: () => control.current.goOn(),
    again: () => setAttempt((n) => n + 1),
  };
}

/** The path of the next part: the ends of the time stay what they were at first. */
function onwards(path: string, list: TraceList): string {
  const more = new URLSearchParams({ from: list.range.start, to: list.range.end, before: list.next ?? "" });
  return `${path}${path.includes("?") ? "&" : "?"}${more.toString()}`;
}

function shareOf(list: TraceList | null): number {
  if (list === null) return 0;
  if (list.next === null) return 1;
  const [from, to, next] = [list.range.start, list.range.end, list.next].map(Date.parse) as [number, number, number];
  return to > from ? Math.min(1, Math.max(0, (to - next) / (to - from))) : 1;
}

