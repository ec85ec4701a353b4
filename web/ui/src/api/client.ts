import type { Problem } from "./types";

/** An answer that was no success, or no answer at all (status 0). */
export class RequestFailed extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Asks the API for a path below /api/v1. */
export async function get<T>(path: string, signal: AbortSignal): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`/api/v1${path}`, { signal, headers: { accept: "application/json" } });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new RequestFailed(0, "Headwater does not answer.");
  }
  // The session has ended, or there was none: the login leads back here.
  if (answer.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  if (!answer.ok) throw new RequestFailed(answer.status, await detail(answer));
  return (await answer.json()) as T;
}

async function detail(answer: Response): Promise<string> {
  try {
    return ((await answer.json()) as Problem).detail;
  } catch {
    return `The answer was ${answer.status} ${answer.statusText}.`;
  }
}
