import { useEffect } from "preact/hooks";
import { useResource } from "../api/resource";
import type { TraceView } from "../api/types";
import { Failure, Loading } from "../shell/states";
import { Waterfall } from "./waterfall";
import { TraceHead } from "./head";

export function TracePage({ id }: { id: string }) {
  const { data, error, retry } = useResource<TraceView>(`/traces/${encodeURIComponent(id)}`, false);
  useEffect(() => {
    document.title = `Trace ${id.slice(0, 8)} · Headwater`;
  }, [id]);
  if (!data) return error ? <Failure what="trace" error={error} retry={retry} /> : <Loading what="the trace" />;
  return (
    <article class="trace">
      <TraceHead trace={data} />
      <Waterfall trace={data} />
    </article>
  );
}
