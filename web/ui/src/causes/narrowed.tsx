import type { Narrowed } from "../api/types";
import { share } from "../format/number";

/** The parts of a cause that explain it. */
export function NarrowedList({ parts }: { parts: Narrowed[] }) {
  return (
    <section aria-label="Narrowed down">
      <h4>Narrowed down</h4>
      <ul class="narrowed">
        {parts.map((n, i) => (
          <li key={i} title={n.sentence}>
            <span class="number">{share(n.share)}</span> {n.dimension} <span class="mono">{n.value}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
