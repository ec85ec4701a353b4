import { edgePath, nodePath, type Range } from "../router";
import type { PictureModel } from "./model";

const columns = ["Calls", "Mean", "p95", "Failed", "Attempts per call", "Pressure"];

/** The picture's edges as a table: for numbers, and for those who can't see it. */
export function EdgeTable({ picture, range }: { picture: PictureModel; range: Range }) {
  return (
    <details class="as-table">
      <summary>The same as a table</summary>
      <div class="scroll" tabIndex={0} role="group" aria-label="Calls, scrolls sideways">
        <table>
          <thead>
            <tr>
              <th scope="col">Caller</th>
              <th scope="col">Callee</th>
              {columns.map((c) => (
                <th scope="col" class="number" key={c}>
                  {c}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {picture.edges.map((e) => (
              <tr key={e.id}>
                <th scope="row">
                  {e.grouped ? e.callerName : <a href={nodePath(e.caller, range)}>{e.callerName}</a>}
                </th>
                <td>
                  {e.tie || e.grouped ? e.calleeName : <a href={edgePath(e, range)}>{e.calleeName}</a>}
                  {e.async && " (no answer awaited)"}
                </td>
                {e.cells.map((c, i) => (
                  <td class="number" key={columns[i]}>
                    {c}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
