import type { Incident } from "../api/types";
import { share } from "../format/number";
import { causeName, causeWords } from "../format/words";
import { setParameter } from "../router";

const most = 5;

/** The causes in brief, beside who is hurt; each leads to its evidence. */
export function Ranking({ incident, open }: { incident: Incident; open: number }) {
  return (
    <section class="ranking" aria-labelledby="ranking-title">
      <h2 id="ranking-title">What began it</h2>
      {incident.causes.length === 0 ? (
        <p class="quiet">No cause stands out: what is known is said above.</p>
      ) : (
        <p class="columns-head" aria-hidden="true">
          <span>set it off</span>
          <span>keeps it up</span>
          <span>confidence</span>
        </p>
      )}
      <ol>
        {incident.causes.slice(0, most).map((c) => (
          <li key={c.rank} class={open === c.rank ? "now" : ""}>
            <a href={`#cause-${c.rank}`} onClick={() => setParameter("cause", String(c.rank))}>
              <span class={c.rank === 1 ? "rank first" : "rank"}>{c.rank}</span>
              <span class="who">
                <span class="name">{causeName(c.name)}</span> <span class="at">{causeWords[c.kind]}</span>
              </span>
              <Bar name="set it off" value={c.trigger} kind="trigger" />
              <Bar name="keeps it up" value={c.sustaining} kind="sustaining" />
              <span class="sure number">
                <span class="hidden">confidence </span>
                {c.confidence.toFixed(2)}
              </span>
            </a>
          </li>
        ))}
      </ol>
      {incident.causes.length > most && <p class="quiet">and {incident.causes.length - most} more below</p>}
    </section>
  );
}

function Bar({ name, value, kind }: { name: string; value: number; kind: string }) {
  return (
    <span class="part">
      <span class="hidden">{name} </span>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="ground" width="100" height="6" />
        <rect class={`value ${kind}`} width={Math.max(0, Math.min(1, value)) * 100} height="6" />
      </svg>
      <span class="number">{share(value)}</span>
    </span>
  );
}
