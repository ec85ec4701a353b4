import type { PictureModel } from "./model";

const columns = ["Calls", "Mean", "p95", "Failed", "Attempts per call", "Pressure"];

/** The picture's edges as a table: for numbers, and for those who can't see it. */
export function EdgeTable({ picture }: { picture: PictureModel }) {
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
                <th scope="row">{e.callerName}</th>
                <td>{e.async ? `${e.calleeName} (no answer awaited)` : e.calleeName}</td>
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
