import { useEffect, useMemo, useState } from "preact/hooks";
import { useResource } from "../api/resource";
import type { TraceView } from "../api/types";
import { grouped, nanoseconds } from "../format/number";
import { counted } from "../format/words";
import { clock, day, zone } from "../format/time";
import { comparePath, tracePath } from "../router";
import { Copy } from "../shell/copy";
import { Failure, Loading } from "../shell/states";
import { difference, merge, startOf, type Place, type Side } from "./merge";

const atFirst = 400;

/** Two traces side by side, what differs marked. */
export function ComparePage({ a, b }: { a: string; b: string }) {
  const left = useResource<TraceView>(`/traces/${encodeURIComponent(a)}`, false);
  const right = useResource<TraceView>(`/traces/${encodeURIComponent(b)}`, false);
  useEffect(() => {
    document.title = "Two traces · Headwater";
  }, []);
  const failed = left.error ? left : right.error ? right : null;
  if (failed) return <Failure what="trace" error={failed.error!} retry={failed.retry} />;
  if (!left.data || !right.data) return <Loading what="the traces" />;
  return <Compared a={left.data} b={right.data} />;
}

function Compared({ a, b }: { a: TraceView; b: TraceView }) {
  const [only, setOnly] = useState(false);
  const [all, setAll] = useState(false);
  const places = useMemo(() => merge(a, b), [a, b]);
  const from = useMemo(() => startOf(a, b).name, [a, b]);
  const most = Math.max(1, ...places.map((p) => Math.abs((p.b?.self ?? 0) - (p.a?.self ?? 0))));
  const notable = (p: Place) =>
    difference(p).length > 0 || Math.abs((p.b?.self ?? 0) - (p.a?.self ?? 0)) > most / 50;
  const shown = places.filter((p) => !only || notable(p));
  return (
    <article class="compare">
      <header class="headline">
        <h1>Two traces, side by side</h1>
        <div class="two">
          <Head name="first" trace={a} />
          <Head name="second" trace={b} />
        </div>
        <p class="meta">
          <a href={comparePath(b.id, a.id)}>Swap them</a>
          <Copy text={location.href} label="the address of this comparison" word="copy link" />
          <label class="check">
            <input type="checkbox" checked={only} onChange={(e) => setOnly(e.currentTarget.checked)} /> only what differs
          </label>
        </p>
      </header>
      {from !== null && (
        <p class="cut">
          They are different requests: they are compared from <strong>{from}</strong> on, to which both come.
        </p>
      )}
      <div class="scroll" tabIndex={0} role="group" aria-label="Spans of both, scrolls sideways">
        <table class="compared">
          <thead>
            <tr>
              <th scope="col">Spans</th>
              <th scope="col" class="number">
                First
              </th>
              <th scope="col" class="number">
                Second
              </th>
              <th scope="col" class="number">
                Own time, first
              </th>
              <th scope="col" class="number">
                second
              </th>
              <th scope="col">Difference of own time</th>
              <th scope="col">What differs</th>
            </tr>
          </thead>
          <tbody>
            {(all ? shown : shown.slice(0, atFirst)).map((p) => (
              <PlaceRow key={p.key} place={p} a={a} b={b} most={most} />
            ))}
          </tbody>
        </table>
      </div>
      {shown.length === 0 && <p class="empty">They are alike.</p>}
      {!all && shown.length > atFirst && (
        <button type="button" class="plain" onClick={() => setAll(true)}>
          Show {grouped(shown.length - atFirst)} more
        </button>
      )}
    </article>
  );
}

function Head({ name, trace }: { name: string; trace: TraceView }) {
  const root = trace.spans[0];
  const count = trace.spans.length + trace.omitted;
  return (
    <section aria-label={`The ${name} trace`}>
      <p class="quiet">{name}</p>
      <h2>
        <a href={tracePath(trace.id)}>{root?.name ?? "empty"}</a> <span class="took">{nanoseconds(root?.duration ?? 0)}</span>
      </h2>
      <p class="quiet">
        {clock(trace.start, zone.value)}, {day(trace.start, zone.value)} · {counted(count, grouped(count), "span")}
        {trace.failed > 0 && `, ${grouped(trace.failed)} failed`} · <span class="mono">{trace.id.slice(0, 8)}…</span>
      </p>
    </section>
  );
}

function PlaceRow({ place: p, a, b, most }: { place: Place; a: TraceView; b: TraceView; most: number }) {
  const delta = (p.b?.self ?? 0) - (p.a?.self ?? 0);
  const marks = difference(p);
  const part = (50 * Math.abs(delta)) / most;
  return (
    <tr class={p.a === null || p.b === null ? "one-sided" : ""}>
      <th scope="row" style={{ paddingLeft: `${Math.min(p.depth, 24) * 14}px` }}>
        <span class="service">{p.service}</span> {p.name} <span class="at">{p.kind}</span>
      </th>
      <SideCell trace={a} side={p.a} />
      <SideCell trace={b} side={p.b} />
      <td class="number">{p.a ? nanoseconds(p.a.self) : "–"}</td>
      <td class="number">{p.b ? nanoseconds(p.b.self) : "–"}</td>
      <td>
        <span class="delta">
          <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            <line x1="50" x2="50" y1="0" y2="8" />
            <rect class={delta > 0 ? "more" : "less"} x={delta > 0 ? 50 : 50 - part} width={part} height="8" />
          </svg>
          <span class="number">
            {delta > 0 ? "+" : ""}
            {nanoseconds(delta)}
          </span>
        </span>
      </td>
      <td>
        {marks.map((m) => (
          <span key={m} class="flag">
            {m}
          </span>
        ))}
      </td>
    </tr>
  );
}

function SideCell({ trace, side }: { trace: TraceView; side: Side | null }) {
  return (
    <td class="number">
      {side ? <a href={`${tracePath(trace.id)}?span=${side.span}`}>{nanoseconds(side.total)}</a> : "–"}
      {side && side.count > 1 && <span class="at"> in {side.count}</span>}
    </td>
  );
}
