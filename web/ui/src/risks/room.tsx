import type { RiskLimit, RiskPlayed, RiskRoom } from "../api/types";
import { share, times } from "../format/number";
import { nodeName, prose } from "../format/words";
import { nodePath } from "../router";
import { waiting, type Playing } from "./plays";

/** Below this, the least and the factor are told as one. */
const closely = 1.3;

/** How much slower each dependency may get before users feel it, and before it does not come back. */
export function RoomTable({ room, playing }: { room: RiskRoom[]; playing: Playing }) {
  const { rooms, nodes, why } = playing;
  const more = waiting(playing);
  return (
    <section aria-labelledby="room-title">
      <h2 id="room-title">How much slower each dependency may get</h2>
      <p class="quiet">
        The traffic is played again with one dependency slowed for two minutes: from what factor on users feel it, and from what factor on they still do three minutes after it is as fast as
        before. "Not seen" is no promise: limits, timeouts and retries that traffic never reached are not in a replay.
      </p>
      <p class="quiet playing" role="status">
        {why !== "" ? `Not played: ${why}` : more ? `Playing: ${rooms.size} of ${nodes.length} done.` : `${rooms.size} played, those that are used most.`}
        {more && <progress max={nodes.length} value={rooms.size} aria-label="Dependencies played" />}
      </p>
      <div class="scroll" tabIndex={0} role="group" aria-label="Dependencies, scrolls sideways">
        <table>
          <thead>
            <tr>
              <th scope="col">Dependency</th>
              <th scope="col">Users feel it</th>
              <th scope="col">Does not come back</th>
              <th scope="col">Timeout or places</th>
              <th scope="col">Users' requests</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {ordered(room, nodes).map((r) => (
              <Row key={r.node} room={r} played={rooms.get(r.node)} awaited={more && nodes.includes(r.node)} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Those that are played stand first. */
function ordered(room: RiskRoom[], nodes: string[]): RiskRoom[] {
  return [...nodes.flatMap((n) => room.filter((r) => r.node === n)), ...room.filter((r) => !nodes.includes(r.node))];
}

function Row({ room, played, awaited }: { room: RiskRoom; played: RiskPlayed | undefined; awaited: boolean }) {
  const cell = (of: (p: RiskPlayed) => RiskLimit) => (played ? (played.known ? limit(of(played)) : "unknown") : awaited ? "…" : "");
  return (
    <tr>
      <th scope="row">
        <a href={nodePath(room.node, { from: null, to: null })}>{nodeName(room.node)}</a>
      </th>
      <td class="number">{cell((p) => p.felt)}</td>
      <td class="number">{cell((p) => p.stuck)}</td>
      <td class="number">{room.factor === 0 ? "not known" : `${room.at_least ? "at least " : ""}${times(room.factor)}`}</td>
      <td class="number">{share(room.users)}</td>
      <td>
        {played && <p>{prose(played.sentence)}</p>}
        {room.sentence !== "" && (
          <p class={played ? "quiet" : undefined}>
            {played && "By timeouts and places alone: "}
            {prose(room.sentence)}
          </p>
        )}
      </td>
    </tr>
  );
}

/** A factor as far as it is known. */
function limit(l: RiskLimit): string {
  if (l.factor === 0) return l.least > 1 ? `not seen up to ${times(l.least)}` : "not known";
  return `at ${l.factor <= closely * l.least ? "" : `${times(l.least)} to `}${times(l.factor)}`;
}
