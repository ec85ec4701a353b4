import { useResource } from "../api/resource";
import type { Status } from "../api/types";
import { zone, zoneName, type Zone } from "../format/time";
import { Field } from "./field";
import { parameter, setParameters, type Range } from "../router";

const choices = [
  ["300", "5 minutes"],
  ["900", "15 minutes"],
  ["3600", "1 hour"],
  ["10800", "3 hours"],
] as const;

/** A time range as requests need it. */
export interface Asked {
  range: Range;
  query: Record<"from" | "to" | "last", string | null>;
  /** Seconds back from the newest; null for a range with fixed ends. */
  last: number | null;
}

/** The time range that the address names: ?from=…&to=…, or ?last=900. */
export function useRange(): Asked {
  const [from, to] = [parameter("from"), parameter("to")];
  if (from !== null) return { range: { from, to }, query: { from, to, last: null }, last: null };
  const last = Number(parameter("last") ?? 300) || 300;
  return { range: { from: null, to: null, last: parameter("last") }, query: { from: null, to: null, last: String(last) }, last };
}

const iso = (d: Date) => d.toISOString().replace(/\.\d+Z$/, "Z");

/** Looks at a stretch of time alone, from Unix seconds to Unix seconds: whole ones, and at least one. */
export function chooseTime(from: number, to: number): void {
  const first = Math.floor(from);
  setParameters({ last: null, from: iso(new Date(first * 1000)), to: iso(new Date(Math.max(first + 1, Math.ceil(to)) * 1000)) });
}

/** A time as a datetime-local field has it, in the zone that is shown. */
export function fieldOf(t: string | null, z: Zone): string {
  if (t === null) return "";
  const d = new Date(t);
  if (Number.isNaN(d.getTime())) return "";
  const shifted = z === "utc" ? d : new Date(d.getTime() - d.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
}

export function timeOf(field: string, z: Zone): string | null {
  const d = new Date(z === "utc" ? `${field}Z` : field);
  return field === "" || Number.isNaN(d.getTime()) ? null : iso(d);
}

/** Chooses the time range: so far back from now, or from one time to another. */
export function RangeChoice({ asked }: { asked: Asked }) {
  const z = zone.value;
  const fixed = asked.last === null;
  const { range } = asked;
  const status = useResource<Status>("/status", true).data;
  const choose = (value: string) => {
    if (value !== "fixed") setParameters({ last: value, from: null, to: null });
    else {
      const end = new Date(status?.watermark ?? Date.now());
      setParameters({ last: null, from: iso(new Date(end.getTime() - (asked.last ?? 300) * 1000)), to: iso(end) });
    }
  };
  return (
    <div class="range" role="group" aria-label="Time range">
      <label>
        Time
        <select value={fixed ? "fixed" : String(asked.last)} onChange={(e) => choose(e.currentTarget.value)}>
          {choices.map(([value, name]) => (
            <option key={value} value={value}>
              last {name}
            </option>
          ))}
          {!fixed && !choices.some(([v]) => Number(v) === asked.last) && (
            <option value={String(asked.last)}>last {asked.last} s</option>
          )}
          <option value="fixed">from – to</option>
        </select>
      </label>
      {fixed && range.from !== null && (
        <>
          <label>
            from
            <Field
              type="datetime-local"
              step={1}
              value={fieldOf(range.from, z)}
              onDone={(text) => {
                const t = timeOf(text, z);
                if (t === null) return false;
                setParameters({ from: t });
                return true;
              }}
            />
          </label>
          <label>
            to
            <Field
              type="datetime-local"
              step={1}
              value={fieldOf(range.to, z)}
              onDone={(text) => setParameters({ to: timeOf(text, z) })}
            />
          </label>
          <span class="at">{zoneName(z, new Date(range.from).getTimezoneOffset())}</span>
        </>
      )}
    </div>
  );
}
