import type { TraceView } from "../api/types";
import { nanoseconds } from "../format/number";
import { noteWords, outcomeWords } from "../format/words";
import { Bar } from "./bar";
import { serviceTone } from "./tone";

interface Props {
  trace: TraceView;
  services: string[];
  index: number;
  top: number;
  selected: boolean;
  folded: boolean;
  onSelect: (index: number) => void;
  onFold: (index: number, shut: boolean) => void;
}

const deepest = 24; // levels that are indented; deeper ones stand below each other

export function SpanRow({ trace, services, index, top, selected, folded, onSelect, onFold }: Props) {
  const span = trace.spans[index]!;
  const service = trace.resources[span.resource]?.service ?? "";
  const notes = span.notes.map((n) => noteWords[n] ?? n);
  const remark = span.notes.includes("orphan") ? "orphan" : span.late > 0 ? "ran on" : span.shift !== 0 ? "clock" : "note";
  // The whole of it, also what its caller did not wait for.
  const took = nanoseconds(span.duration + span.late);
  const tried = span.call.attempts > 1 ? `try ${span.call.attempt}/${span.call.attempts}` : "";
  // What is seen comes first, in its order: who speaks to the page says what they see.
  const seen = [
    `${service} ${span.name}`,
    ...(span.failed ? [outcomeWords(span.outcome)] : []),
    ...(tried !== "" ? [tried] : []),
    ...(notes.length > 0 ? [remark] : []),
    took,
  ].join(" ");
  const words = [
    seen,
    `own time ${nanoseconds(span.self)}`,
    ...(span.critical.length > 0 ? ["on the critical path"] : []),
    ...notes,
  ].join(", ");
  return (
    <div
      id={`span-${index}`}
      class={`span${selected ? " selected" : ""}${span.failed ? " failed" : ""}${span.call.attempts > 1 ? " tried" : ""}`}
      role="treeitem"
      aria-level={span.depth + 1}
      aria-selected={selected}
      aria-expanded={span.below > 0 ? !folded : undefined}
      aria-label={words}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onSelect(index)}
    >
      <div class="what" style={{ paddingLeft: `${Math.min(span.depth, deepest) * 12}px` }}>
        <Fold span={span} folded={folded} toggle={() => onFold(index, !folded)} />
        <span class={`swatch tone-${serviceTone(services, service)}`} />
        <span class="label">
          <span class="service">{service}</span> {span.name}
        </span>{" "}
        {span.failed && <span class="flag">{outcomeWords(span.outcome)}</span>}{" "}
        {tried !== "" && (
          <span class="try" title={`attempt ${span.call.attempt} of ${span.call.attempts} of one call`}>
            {tried}
          </span>
        )}{" "}
        {notes.length > 0 && (
          <span class="note" title={notes.join("; ")}>
            {remark}
          </span>
        )}
      </div>{" "}
      <span class="took number">{took}</span>
      <Bar trace={trace} index={index} tone={serviceTone(services, service)} />
    </div>
  );
}

function Fold({ span, folded, toggle }: { span: TraceView["spans"][number]; folded: boolean; toggle: () => void }) {
  if (span.below === 0) return <span class="fold" />;
  return (
    <span
      class="fold"
      title={folded ? `Show ${span.below} below` : "Fold"}
      onClick={(event) => {
        event.stopPropagation();
        toggle();
      }}
    >
      <svg viewBox="0 0 10 10" aria-hidden="true">
        <path d={folded ? "M3 1l4 4-4 4z" : "M1 3l4 4 4-4z"} />
      </svg>
    </span>
  );
}
