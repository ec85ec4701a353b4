import { useMemo } from "preact/hooks";
import type { Cause, EdgeView, Incident, NodeView, Shared } from "../api/types";
import { growth, perSecond, seconds, share, significant, times } from "../format/number";
import { causeName, causeWords, nodeName } from "../format/words";
import { clock, zone } from "../format/time";
import { cascadePicture, sharedId, sharedWords, type Now } from "../picture/cascade";
import { Legend } from "../picture/legend";
import { Picture } from "../picture/picture";
import { EdgeTable } from "../picture/table";
import { edgePath, nodePath, parameter, queryOf, setParameter } from "../router";
import { edgeId, phaseAt } from "./film";

interface Props {
  incident: Incident;
  now: Now | null;
  shared: Shared[];
}

/** The cascade as a picture: users at the left, the origin at the right. */
export function Cascade({ incident, now, shared }: Props) {
  const picture = useMemo(() => cascadePicture(incident, { now, shared }), [incident, now, shared]);
  const selected = parameter("sel");
  const node = incident.nodes.find((n) => n.id === selected);
  const edge = incident.edges.find((e) => edgeId(e) === selected);
  const held = shared.find((s) => sharedId(s) === selected);
  return (
    <section class="cascade" aria-labelledby="cascade-title">
      <div class="section-head">
        <h2 id="cascade-title">
          How it spread{" "}
          <span class="moment" aria-live="off">
            {now ? `${clock(new Date(now.frame.from), zone.value)}, ${phaseAt(incident, now.frame.from)}` : "over the whole incident"}
          </span>
        </h2>
      </div>
      <Picture
        picture={picture}
        label="Cascade, callers at the left, callees at the right"
        selected={node || edge || held ? selected : null}
        onSelect={(id) => setParameter("sel", selected === id ? null : id)}
        file={`headwater-${incident.id}`}
      />
      <Legend shared={shared.length > 0} cut={picture.edges.some((e) => e.cut)} />
      <div aria-live="polite">
        {node && <NodeDetail node={node} incident={incident} />}
        {edge && <EdgeDetail edge={edge} incident={incident} />}
        {held && <SharedDetail shared={held} incident={incident} />}
      </div>
      {picture.left > 0 && <p class="quiet">{picture.leftWords}</p>}
      <EdgeTable picture={picture} range={rangeOf(incident)} />
    </section>
  );
}

/** The time that pages of nodes and calls show, when they are opened from an incident. */
const rangeOf = (incident: Incident) => ({
  from: incident.baseline.source === "before" ? incident.baseline.range.start : incident.start,
  to: incident.end,
});

const at = (cause: Cause, id: string) => cause.parent === id || cause.id === id;

function NodeDetail({ node, incident }: { node: NodeView; incident: Incident }) {
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
        <Term name="own part began">
          {node.onset ? clock(node.onset, zone.value) : node.inherited > 0 ? "it was only pressed" : "it did not"}
        </Term>
      </dl>
      <CauseLinks causes={incident.causes.filter((c) => at(c, node.id))} />
      <a href={nodePath(node.id, rangeOf(incident))}>All about {node.name}</a>
      {node.kind === "service" && (
        <a href={`/traces${queryOf({ service: node.name, sort: "longest", from: incident.start, to: incident.end })}`}>
          Its longest spans in the incident
        </a>
      )}
    </div>
  );
}

function EdgeDetail({ edge, incident }: { edge: EdgeView; incident: Incident }) {
  const [caller, callee] = [nodeName(edge.caller), nodeName(edge.callee)];
  return (
    <div class="node-detail">
      <h3>
        {caller} → {callee} <span class="at">{edge.async ? "call, no answer awaited" : "call"}</span>
      </h3>
      <dl>
        <Term name="mean of an attempt">
          {seconds(edge.baseline_mean)} → {seconds(edge.mean)} {growth(edge.baseline_mean, edge.mean)}
        </Term>
        <Term name="p95">
          {seconds(edge.baseline_p95)} → {seconds(edge.p95)}
        </Term>
        <Term name="calls">
          {perSecond(edge.baseline_rate)} → {perSecond(edge.rate)}
        </Term>
        <Term name="failed">
          {share(edge.baseline_error_share)} → {share(edge.error_share)}
        </Term>
        <Term name="attempts per call">
          {times(edge.baseline_amplification)} → {times(edge.amplification)}
        </Term>
        <Term name="pressure carried">{significant(edge.pressure)}</Term>
        <Term name="seen from both sides">{share(edge.paired)}</Term>
      </dl>
      <CauseLinks causes={incident.causes.filter((c) => at(c, edgeId(edge)))} />
      <a href={edgePath(edge, rangeOf(incident))}>All about these calls</a>
    </div>
  );
}

function SharedDetail({ shared, incident }: { shared: Shared; incident: Incident }) {
  const words = sharedWords(shared);
  return (
    <div class="node-detail">
      <h3>
        {shared.name} <span class="at">{shared.kind}</span>
      </h3>
      <p>{words[0]!.toUpperCase() + words.slice(1)}.</p>
      <CauseLinks causes={incident.causes.filter((c) => c.rank === shared.cause)} />
    </div>
  );
}

function CauseLinks({ causes }: { causes: Cause[] }) {
  return (
    <>
      {causes.map((c) => (
        <a key={c.id} href={`#cause-${c.rank}`} onClick={() => setParameter("cause", String(c.rank))}>
          Cause {c.rank}: {causeName(c.name)}, {causeWords[c.kind]}
        </a>
      ))}
    </>
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
