import type { IncidentList } from "../api/types";
import { LiveGraph } from "./live-graph";
import { Tally } from "./tally";

/** Spans come and nothing is wrong: the live service graph. */
export function Healthy({ list }: { list: IncidentList }) {
  const first = list.incidents.length === 0;
  return (
    <section class="healthy" aria-label="Live service graph">
      {first && (
        <>
          <h1 class="page-title">Nothing is wrong</h1>
          <Tally list={list} />
        </>
      )}
      <LiveGraph />
    </section>
  );
}
