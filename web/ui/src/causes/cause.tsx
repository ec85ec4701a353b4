import type { Cause, Incident } from "../api/types";
import { share } from "../format/number";
import { causeName, causeWords, confidenceWords, nodeName, prose } from "../format/words";
import { clock, zone } from "../format/time";
import { CounterfactNote } from "./counterfact";
import { EvidenceItem } from "./evidence";
import { ExampleLinks } from "./examples";
import { LedgerTable } from "./ledger";
import { NarrowedList } from "./narrowed";

interface Props {
  cause: Cause;
  incident: Incident;
  open: boolean;
  onToggle: () => void;
}

export function CauseItem({ cause, incident, open, onToggle }: Props) {
  const body = `cause-${cause.rank}-body`;
  return (
    <li class={open ? "cause open" : "cause"} id={`cause-${cause.rank}`}>
      <h3>
        <button type="button" aria-expanded={open} aria-controls={body} onClick={onToggle}>
          <span class={cause.rank === 1 ? "rank first" : "rank"}>{cause.rank}</span>
          <span class="who">
            <span class="name">{causeName(cause.name)}</span> <span class="at">{causeWords[cause.kind]}</span>
            <span class="why">{prose(cause.sentence)}</span>
          </span>
          <span class="shares">
            <ShareBar name="set it off" value={cause.trigger} kind="trigger" />
            <ShareBar name="keeps it up" value={cause.sustaining} kind="sustaining" />
            <span class="sure">
              confidence {cause.confidence.toFixed(2)}, {confidenceWords(cause.confidence)}
            </span>
          </span>
        </button>
      </h3>
      <div id={body} class="body" hidden={!open}>
        {open && <Body cause={cause} incident={incident} />}
      </div>
    </li>
  );
}

function ShareBar({ name, value, kind }: { name: string; value: number; kind: string }) {
  return (
    <span class="share">
      <span class="label">{name}</span>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="ground" width="100" height="6" />
        <rect class={`value ${kind}`} width={Math.max(0, Math.min(1, value)) * 100} height="6" />
      </svg>
      <span class="number">{share(value)}</span>
    </span>
  );
}

function Body({ cause, incident }: { cause: Cause; incident: Incident }) {
  return (
    <>
      {(cause.path.length > 0 || cause.onset) && (
        <p class="path">
          {cause.path.length > 0 && (
            <>
              From the users to it: <span class="steps">{cause.path.map(nodeName).join(" → ")}</span>.{" "}
            </>
          )}
          {cause.onset && <>Its own part began at {clock(cause.onset, zone.value)}.</>}
        </p>
      )}
      {cause.without && <CounterfactNote fact={cause.without} />}
      {cause.evidence.length > 0 && (
        <section aria-label="Evidence">
          <h4>Evidence</h4>
          <ul class="evidence">
            {cause.evidence.map((e, i) => (
              <EvidenceItem key={`${e.metric} ${e.subject} ${i}`} evidence={e} incident={incident} />
            ))}
          </ul>
        </section>
      )}
      {cause.narrowed.length > 0 && <NarrowedList parts={cause.narrowed} />}
      {cause.ledger.length > 0 && <LedgerTable lines={cause.ledger} />}
      {cause.examples.length > 0 && <ExampleLinks examples={cause.examples} />}
    </>
  );
}
