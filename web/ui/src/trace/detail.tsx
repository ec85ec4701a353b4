import type { AttributeView, SpanView, TraceView } from "../api/types";
import { nanoseconds, share } from "../format/number";
import { noteWords, outcomeWords } from "../format/words";
import { tracePath } from "../router";
import { Copy } from "../shell/copy";

interface Props {
  trace: TraceView;
  span: SpanView;
  onClose: () => void;
}

/** All that a span says. */
export function SpanDetail({ trace, span, onClose }: Props) {
  const resource = trace.resources[span.resource];
  return (
    <aside class="detail" aria-label={`Span ${span.name}`}>
      <header>
        <h2>{span.name}</h2>
        <button type="button" class="plain" onClick={onClose} aria-label="Close the span's details">
          Close
        </button>
      </header>
      <p class="quiet">
        {resource?.service} · {span.kind}
        {span.async && " · nobody waits for it"}
      </p>
      {span.failed && (
        <p class="failure">
          <strong>{outcomeWords(span.outcome)}</strong> {span.message}
        </p>
      )}
      <dl class="facts">
        <dt>took</dt>
        <dd>{nanoseconds(span.duration)}</dd>
        <dt>own time</dt>
        <dd>
          {nanoseconds(span.self)}
          {span.duration > 0 && <span class="at"> {share(span.self / span.duration)}</span>}
        </dd>
        <dt>began at</dt>
        <dd>{nanoseconds(span.start)}</dd>
        {span.late > 0 && (
          <>
            <dt>ran on for</dt>
            <dd>{nanoseconds(span.late)} after its caller had left</dd>
          </>
        )}
        {span.critical.length > 0 && (
          <>
            <dt>critical path</dt>
            <dd>{nanoseconds(span.critical.reduce((n, c) => n + c.to - c.from, 0))} of the request waited for it</dd>
          </>
        )}
        {span.call.attempts > 1 && (
          <>
            <dt>attempt</dt>
            <dd>
              {span.call.attempt} of {span.call.attempts} of one call
              {span.call.backoff > 0 && `, ${nanoseconds(span.call.backoff)} after the one before`}
            </dd>
          </>
        )}
        {span.call.paired && (
          <>
            <dt>gap</dt>
            <dd>
              {nanoseconds(span.call.gap)} with the callee's side not open
              {span.call.wait > 0 && `, ${nanoseconds(span.call.wait)} of it before it began`}
            </dd>
          </>
        )}
        {span.shift !== 0 && (
          <>
            <dt>clock</dt>
            <dd>moved by {nanoseconds(span.shift)}</dd>
          </>
        )}
        {span.raw_duration !== span.duration && (
          <>
            <dt>as sent</dt>
            <dd>{nanoseconds(span.raw_duration)}</dd>
          </>
        )}
        <dt>span id</dt>
        <dd class="mono">
          {span.id} <Copy text={span.id} label="the span id" />
        </dd>
      </dl>
      {span.notes.length > 0 && (
        <ul class="notes">
          {span.notes.map((n) => (
            <li key={n}>{noteWords[n] ?? n}</li>
          ))}
        </ul>
      )}
      <Attributes title="Attributes" list={span.attributes} />
      {span.events.length > 0 && (
        <section>
          <h3>Events</h3>
          {span.events.map((e, i) => (
            <div key={i} class="event-detail">
              <p>
                <strong>{e.name}</strong> <span class="at">at {nanoseconds(e.offset)}</span>
              </p>
              <AttributeList list={e.attributes} />
            </div>
          ))}
        </section>
      )}
      {span.links.length > 0 && (
        <section>
          <h3>Links</h3>
          <ul class="links">
            {span.links.map((l, i) => (
              <li key={i}>
                <a class="mono" href={`${tracePath(l.trace_id)}?span=${l.span_id}`}>
                  {l.trace_id.slice(0, 8)}… {l.span_id}
                </a>
              </li>
            ))}
          </ul>
        </section>
      )}
      {resource && <Attributes title="Emitted by" list={resource.attributes} />}
      {span.scope !== "" && <p class="quiet mono scope">{span.scope}</p>}
    </aside>
  );
}

function Attributes({ title, list }: { title: string; list: AttributeView[] }) {
  if (list.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <AttributeList list={list} />
    </section>
  );
}

function AttributeList({ list }: { list: AttributeView[] }) {
  return (
    <dl class="attributes">
      {list.map((a, i) => (
        <div key={`${a.key} ${i}`}>
          <dt>{a.key}</dt>
          <dd>{a.value}</dd>
        </div>
      ))}
    </dl>
  );
}
