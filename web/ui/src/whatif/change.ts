import type { Effect, Setting, SettingKind } from "../api/types";

/** What the kinds of changes are called, and what is written for them. */
export const kinds: { kind: SettingKind; words: string; target: "edge" | "node" | "route"; value: string | null }[] = [
  { kind: "cap-retries", words: "cap retries at", target: "edge", value: "0" },
  { kind: "budget-retries", words: "retry budget, a share", target: "edge", value: "0.1" },
  { kind: "breaker", words: "circuit breaker", target: "edge", value: null },
  { kind: "timeout", words: "timeout", target: "edge", value: "500ms" },
  { kind: "pool", words: "places at once", target: "node", value: "16" },
  { kind: "replicas", words: "instances", target: "node", value: "4" },
  { kind: "optional", words: "go on without", target: "edge", value: null },
  { kind: "shed", words: "turn away, a share", target: "route", value: "0.3" },
];

/** A change as the API takes it. */
export function queryOf(s: Setting): string {
  if (s.kind === "breaker" || s.kind === "optional") return `${s.kind} ${s.target}`;
  return `${s.kind} ${s.target}=${s.kind === "timeout" ? `${Number((s.value * 1000).toFixed(3))}ms` : s.value}`;
}

/** What parts changes that are made together in the page's address. */
const together = " & ";

/** The changes of an effect as the page's address has them. */
export const changeOf = (e: Effect): string => e.changes.map(queryOf).join(together);

/** The changes of the page's address, as the API takes them. */
export const changesOf = (text: string): string[] => text.split(together);

/** Parts a change, the first of several, as the API takes it; what is missing is empty. */
export function parse(changes: string): { kind: string; target: string; value: string } {
  const text = changesOf(changes)[0] ?? "";
  const blank = text.indexOf(" ");
  if (blank < 0) return { kind: text, target: "", value: "" };
  const [kind, rest] = [text.slice(0, blank), text.slice(blank + 1)];
  const equals = rest.lastIndexOf("=");
  if (kind === "breaker" || kind === "optional" || equals < 0) return { kind, target: rest, value: "" };
  return { kind, target: rest.slice(0, equals), value: rest.slice(equals + 1) };
}
