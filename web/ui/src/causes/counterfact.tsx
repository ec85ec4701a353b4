import { prose } from "../format/words";
import type { Counterfact } from "../api/types";
import { seconds } from "../format/number";

/** What users would have seen with the cause at its baseline. */
export function CounterfactNote({ fact }: { fact: Counterfact }) {
  const most = Math.max(fact.mean, fact.incident);
  return (
    <section class="without-it" aria-label="Without it">
      <h4>Without it</h4>
      <p>{prose(fact.sentence)}</p>
      {most > 0 && (
        <dl>
          <Bar name="as it was" value={fact.incident} most={most} kind="was" />
          <Bar name="without it" value={fact.mean} most={most} kind="without" />
        </dl>
      )}
    </section>
  );
}

function Bar({ name, value, most, kind }: { name: string; value: number; most: number; kind: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
          <rect class={kind} width={Math.max(0.5, (100 * value) / most)} height="6" />
        </svg>
        <span class="number">{seconds(value)}</span>
        <span class="at"> mean</span>
      </dd>
    </div>
  );
}
