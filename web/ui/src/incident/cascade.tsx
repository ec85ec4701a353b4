import { useMemo, useState } from "preact/hooks";
import type { Incident, NodeView } from "../api/types";
import { growth, perSecond, seconds, share, significant } from "../format/number";
import { causeName, causeWords } from "../format/words";
import { clock, zone } from "../format/time";
import { cascadePicture } from "../picture/cascade";
import { Legend } from "../picture/legend";
import { Picture } from "../picture/picture";
import { EdgeTable } from "../picture/table";
import { setParameter } from "../router";

/** The cascade as a picture: users at the left, the origin at the right. */
export function Cascade({ incident }: { incident: Incident }) {
  const picture = useMemo(() => cascadePicture(incident), [incident]);
  const [selected, setSelected] = useState<string | null>(null);
  const node = incident.nodes.find((n) => n.id === selected) ?? null;
  return (
    <section class="cascade" aria-labelledby="cascade-title">
      <div class="section-head">
        <h2 id="cascade-title">How it spread</h2>
        <Legend />
      </div>
      <Picture
        picture={picture}
        label="Cascade, callers at the left, callees at the right"
        selected={node?.id ?? null}
        onSelect={(id) => setSelected((old) => (old === id ? null : id))}
      />
      <div aria-live="polite">{node && <NodeDetail node={node} incident={incident} />}</div>
      {picture.left > 0 && <p class="quiet">{picture.leftWords}</p>}
      <EdgeTable picture={picture} />
    </section>
  );
}

function NodeDetail({ node, incident }: { node: NodeView; incident: Incident }) {
  const here = incident.causes.filter((c) => c.parent === node.id);
  return (
    <div class="node-detail">
      <h3>
        {node.name} <span class="at">{node.kind}</span>
      </h3>
      <dl>
        <Term name="mean of a visit">
          {seconds(node.baseline_mean)} → {seconds(node.mean)} {growth(node.baseline_mean, node.mean)}
        </Term>
        <Term name="visits">{perSecond(node.rate)}</Term>
        <Term name="failed">{share(node.error_share)}</Term>
        <Term name="own pressure">{significant(node.own)}</Term>
        <Term name="inherited pressure">{significant(node.inherited)}</Term>
        <Term name="own part began">{node.onset ? clock(node.onset, zone.value) : node.inherited > 0 ? "it was only pressed" : "it did not"}</Term>
      </dl>
      {here.map((c) => (
        <a
          key={c.id}
          href={`#cause-${c.rank}`}
          onClick={() => setParameter("cause", String(c.rank))}
        >
          Cause {c.rank}: {causeName(c.name)}, {causeWords[c.kind]}
        </a>
      ))}
    </div>
  );
}

function Term({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
