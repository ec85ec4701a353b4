import type { RiskRoom } from "../api/types";
import { share, times } from "../format/number";
import { nodeName, prose } from "../format/words";
import { nodePath } from "../router";

/** How much slower each dependency may get before users feel it. */
export function RoomTable({ room }: { room: RiskRoom[] }) {
  return (
    <section aria-labelledby="room-title">
      <h2 id="room-title">How much slower each dependency may get</h2>
      <p class="quiet">Until a timeout around it ends its calls, or until the calls that are open fill the places of it or of its callers.</p>
      <div class="scroll" tabIndex={0} role="group" aria-label="Dependencies, scrolls sideways">
        <table>
          <thead>
            <tr>
              <th scope="col">Dependency</th>
              <th scope="col">May slow by</th>
              <th scope="col">Users' requests</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {room.map((r) => (
              <tr key={r.node}>
                <th scope="row">
                  <a href={nodePath(r.node, { from: null, to: null })}>{nodeName(r.node)}</a>
                </th>
                <td class="number">{r.factor === 0 ? "not known" : `${r.at_least ? "at least " : ""}${times(r.factor)}`}</td>
                <td class="number">{share(r.users)}</td>
                <td>{prose(r.sentence)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
