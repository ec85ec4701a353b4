import { useMemo } from "preact/hooks";
import { useResource } from "../api/resource";
import type { GraphView } from "../api/types";
import { livePicture } from "../picture/live";
import { Picture } from "../picture/picture";
import { EdgeTable } from "../picture/table";
import { navigate, nodePath } from "../router";
import { Nearest } from "./nearest";
import { clock, known, zone } from "../format/time";

const newest = { from: null, to: null };

export function LiveGraph() {
  const { data, error } = useResource<GraphView>("/graph", true);
  const picture = useMemo(() => (data ? livePicture(data) : null), [data]);
  if (!picture || !data) return error ? <p class="quiet">The service graph is missing: {error.message}</p> : null;
  if (picture.nodes.length === 0) return <p class="quiet">No calls in the last minutes.</p>;
  const z = zone.value;
  return (
    <>
    <Nearest graph={data} />
    <figure class="graph">
      <figcaption>
        <h2>Who calls whom</h2>
        {known(data.range.end) && (
          <p class="quiet">
            {clock(data.range.start, z)} to {clock(data.range.end, z)}, callers at the left.{" "}
            <a href="/graph">Search and other times</a>
          </p>
        )}
      </figcaption>
      <Picture
        picture={picture}
        label="Live service graph"
        onSelect={(id) => (data.nodes.some((n) => n.id === id) ? navigate(nodePath(id, newest)) : undefined)}
        file="headwater-services"
      />
      {picture.left > 0 && (
        <p class="quiet">
          {picture.leftWords} <a href="/graph">All services</a>
        </p>
      )}
      <EdgeTable picture={picture} range={newest} />
    </figure>
    </>
  );
}
