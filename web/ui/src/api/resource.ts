import { useEffect, useState } from "preact/hooks";
import { get, RequestFailed } from "./client";
import { news } from "./live";

/** Something asked for: data and error may both stand, when a refresh failed. */
export interface Loaded<T> {
  data: T | null;
  error: RequestFailed | null;
}

const nothing = { data: null, error: null };

/**
 * Asks for a path of the API, and with follow again whenever the server says
 * that something changed. Changes that come while an answer is awaited are
 * served together by one more request.
 */
export function useResource<T>(path: string, follow: boolean): Loaded<T> & { retry: () => void } {
  const [loaded, setLoaded] = useState<Loaded<T> & { path: string }>({ ...nothing, path });
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    const aborter = new AbortController();
    let busy = false;
    let again = false;

    async function load(): Promise<void> {
      if (busy) {
        again = true;
        return;
      }
      busy = true;
      try {
        const data = await get<T>(path, aborter.signal);
        if (!aborter.signal.aborted) setLoaded({ data, error: null, path });
      } catch (cause) {
        if (aborter.signal.aborted) return;
        const error = cause instanceof RequestFailed ? cause : new RequestFailed(0, String(cause));
        setLoaded((old) => ({ data: old.path === path && error.status === 0 ? old.data : null, error, path }));
      }
      busy = false;
      if (again) {
        again = false;
        void load();
      }
    }

    void load();
    const before = news.peek();
    const stop = follow ? news.subscribe((now) => void (now !== before && load())) : () => {};
    return () => {
      stop();
      aborter.abort();
    };
  }, [path, follow, attempt]);

  const current = loaded.path === path ? loaded : nothing;
  return { data: current.data, error: current.error, retry: () => setAttempt((n) => n + 1) };
}
