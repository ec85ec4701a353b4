import type { RequestFailed } from "../api/client";

export function Loading({ what }: { what: string }) {
  return (
    <p class="loading" role="status">
      Loading {what}…
    </p>
  );
}

export function Missing({ title, detail }: { title: string; detail: string }) {
  return (
    <section class="missing">
      <h1>{title}</h1>
      <p>{detail}</p>
      <p>
        <a href="/">All incidents</a>
      </p>
    </section>
  );
}

/** A request that failed, with nothing older to show. */
export function Failure({ what, error, retry }: { what: string; error: RequestFailed; retry: () => void }) {
  if (error.status === 404 || error.status === 400) return <Missing title={`No such ${what}`} detail={error.message} />;
  return (
    <section class="missing" role="alert">
      <h1>The {what} could not be loaded</h1>
      <p>{error.message}</p>
      <button type="button" class="plain" onClick={retry}>
        Try again
      </button>
    </section>
  );
}
