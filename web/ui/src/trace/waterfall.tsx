import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { TraceView } from "../api/types";
import { parameter, setParameter } from "../router";
import { useShortcuts } from "../shell/keys";
import { WaterfallKey } from "./key";
import { SpanDetail } from "./detail";
import { Ruler } from "./ruler";
import { SpanRow } from "./row";
import { onCriticalPath, visible, windowOf } from "./tree";
import { serviceNames } from "./tone";

const rowHeight = 26;
const page = 20;

/** The trace as rows along time. Only the rows in sight are in the document. */
export function Waterfall({ trace }: { trace: TraceView }) {
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set());
  const critical = parameter("path") === "critical";
  const rows = useMemo(() => {
    const all = visible(trace.spans, folded);
    if (!critical) return all;
    const kept = onCriticalPath(trace.spans);
    return all.filter((i) => kept.has(i));
  }, [trace, folded, critical]);
  const services = useMemo(() => serviceNames(trace), [trace]);
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const asked = parameter("span");
  const selected = useMemo(() => trace.spans.findIndex((s) => s.id === asked), [trace, asked]);
  const at = rows.indexOf(selected);

  useLayoutEffect(() => {
    const el = scroller.current!;
    const measure = () => setView({ top: el.scrollTop, height: el.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(el);
    el.addEventListener("scroll", measure, { passive: true });
    measure();
    return () => {
      observer.disconnect();
      el.removeEventListener("scroll", measure);
    };
  }, []);

  useEffect(() => {
    if (at >= 0) reveal(scroller.current!, at);
  }, [at]);

  const select = (index: number) => setParameter("span", trace.spans[index]?.id ?? null);
  const fold = (index: number, shut: boolean) => {
    const next = new Set(folded);
    if (shut) next.add(index);
    else next.delete(index);
    setFolded(next);
  };

  function press(event: KeyboardEvent) {
    const span = trace.spans[selected];
    const go = (row: number) => {
      const index = rows[Math.max(0, Math.min(rows.length - 1, row))];
      if (index !== undefined) select(index);
    };
    switch (event.key) {
      case "ArrowDown":
        go(at + 1);
        break;
      case "ArrowUp":
        go(Math.max(0, at - 1));
        break;
      case "PageDown":
        go(at + page);
        break;
      case "PageUp":
        go(at - page);
        break;
      case "Home":
        go(0);
        break;
      case "End":
        go(rows.length - 1);
        break;
      case "ArrowLeft":
        if (!span) return;
        if (span.below > 0 && !folded.has(selected)) fold(selected, true);
        else if (span.parent >= 0) select(span.parent);
        break;
      case "ArrowRight":
        if (!span || span.below === 0) return;
        if (folded.has(selected)) fold(selected, false);
        else select(selected + 1);
        break;
      case "Escape":
        setParameter("span", null);
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  const failed = (by: 1 | -1) => {
    for (let row = at + by; row >= 0 && row < rows.length; row += by) {
      const index = rows[row]!;
      if (trace.spans[index]!.failed) return select(index);
    }
  };
  useShortcuts([
    { keys: "c", does: "only the critical path, or all", run: () => setParameter("path", critical ? null : "critical") },
    { keys: "f", does: "to the next span that failed", run: () => failed(1) },
    { keys: "F", does: "to the one before that failed", run: () => failed(-1) },
  ]);

  const { first, last } = windowOf(rows.length, rowHeight, view.top, view.height);
  const shown = trace.spans[selected];
  return (
    <div class={shown ? "waterfall with-detail" : "waterfall"}>
      <div class="chartside">
        <div class="waterfall-head">
          <label class="check">
            <input
              type="checkbox"
              checked={critical}
              onChange={(e) => setParameter("path", e.currentTarget.checked ? "critical" : null)}
            />{" "}
            only the critical path
          </label>
          <WaterfallKey />
        </div>
        <Ruler duration={trace.duration} />
        <div
          class="spans"
          ref={scroller}
          role="tree"
          tabIndex={0}
          aria-label="Spans. Arrow keys move and fold."
          aria-activedescendant={at >= first && at < last ? `span-${selected}` : undefined}
          onKeyDown={press}
        >
          <div class="extent" role="presentation" style={{ height: `${rows.length * rowHeight}px` }}>
            {rows.slice(first, last).map((index, i) => (
              <SpanRow
                key={index}
                trace={trace}
                services={services}
                index={index}
                top={(first + i) * rowHeight}
                selected={index === selected}
                folded={folded.has(index)}
                onSelect={select}
                onFold={fold}
              />
            ))}
          </div>
        </div>
      </div>
      {shown && <SpanDetail trace={trace} span={shown} onClose={() => setParameter("span", null)} />}
    </div>
  );
}

/** Scrolls a row into sight, no further than needed. */
function reveal(el: HTMLElement, row: number): void {
  const top = row * rowHeight;
  if (top < el.scrollTop) el.scrollTop = top;
  else if (top + rowHeight > el.scrollTop + el.clientHeight) el.scrollTop = top + rowHeight - el.clientHeight;
}
