import type { FoundTrace } from "../api/types";

/** What was found so far with what another part found. A trace with spans in both stands once. */
export function merged(before: FoundTrace[], more: FoundTrace[], longest: boolean, most: number): FoundTrace[] {
  const all = new Map(before.map((t) => [t.id, t]));
  for (const t of more) {
    const had = all.get(t.id);
    if (!had) all.set(t.id, t);
    else all.set(t.id, { ...(t.match.duration > had.match.duration ? t : had), matches: had.matches + t.matches });
  }
  const list = [...all.values()];
  if (!longest) return list.sort((a, b) => Date.parse(b.start) - Date.parse(a.start) || (a.id < b.id ? -1 : 1));
  return list.sort((a, b) => b.match.duration - a.match.duration || (a.id < b.id ? -1 : 1)).slice(0, most);
}
