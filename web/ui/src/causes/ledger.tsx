import type { Line } from "../api/types";
import { seconds } from "../format/number";

const parts = [
  ["time", "Slower", "each attempt took longer"],
  ["retries", "Retries", "more attempts per call"],
  ["fan_out", "Fan-out", "more calls per request"],
  ["demand", "Demand", "more requests"],
] as const;

/** What each account cost the users, and why it grew. */
export function LedgerTable({ lines }: { lines: Line[] }) {
  const sums = lines.map(sumOf);
  return (
    <section aria-label="Ledger">
      <h4>Ledger: added waiting of users, by account and reason</h4>
      <div class="scroll" tabIndex={0} role="group" aria-label="Ledger, scrolls sideways">
        <table>
          <thead>
            <tr>
              <th scope="col">Account</th>
              <th scope="col">Route</th>
              {parts.map(([key, name, why]) => (
                <th scope="col" class="number" key={key} title={why}>
                  {name}
                </th>
              ))}
              <th scope="col" class="number">
                Sum
              </th>
            </tr>
          </thead>
          <tbody>
            {lines.map((l, i) => (
              <tr key={i}>
                <th scope="row">{l.account}</th>
                <td>{l.route}</td>
                {parts.map(([key]) => (
                  <td key={key} class={l[key] < 0 ? "number relief" : "number"}>
                    {l[key] === 0 ? "–" : seconds(l[key])}
                  </td>
                ))}
                <td class="number">
                  <strong>{seconds(sums[i] ?? 0)}</strong>
                </td>
              </tr>
            ))}
          </tbody>
          {lines.length > 1 && (
            <tfoot>
              <tr>
                <th scope="row" colSpan={6}>
                  Together
                </th>
                <td class="number">
                  <strong>{seconds(sums.reduce((a, b) => a + b, 0))}</strong>
                </td>
              </tr>
            </tfoot>
          )}
        </table>
      </div>
    </section>
  );
}

const sumOf = (l: Line) => l.time + l.retries + l.fan_out + l.demand;
