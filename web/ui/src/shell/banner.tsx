import { connection, lostAt } from "../api/live";
import { clock, zone } from "../format/time";

/** Says that the server is gone, and since when what is shown may be old. */
export function Banner() {
  const since = lostAt.value;
  if (connection.value !== "lost" || since === null) return null;
  return (
    <div class="banner" role="alert">
      <strong>Headwater does not answer.</strong> What you see is as of {clock(since, zone.value)}. Trying again…
    </div>
  );
}
