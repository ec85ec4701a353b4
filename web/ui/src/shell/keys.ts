import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/** A key and what it does here. */
export interface Shortcut {
  /** One character as KeyboardEvent.key has it, or two after one another: "g i". */
  keys: string;
  does: string;
  run: () => void;
}

/** The shortcuts that hold now, by who offers them. */
const offered = signal<Shortcut[][]>([]);

export const shortcuts = () => offered.value.flat();

/** Offers shortcuts for as long as the component stands. */
export function useShortcuts(list: Shortcut[]): void {
  const latest = useRef(list);
  latest.current = list;
  const names = list.map((s) => s.keys + s.does).join();
  useEffect(() => {
    const mine = latest.current.map((s, i) => ({ ...s, run: () => latest.current[i]?.run() }));
    offered.value = [...offered.peek(), mine];
    return () => {
      offered.value = offered.peek().filter((l) => l !== mine);
    };
  }, [names]);
}

/** Keys that move the focus along links, such as those of a list's rows. */
export const along = (selector: string, what: string): Shortcut[] => [
  { keys: "j", does: `to the next ${what}`, run: () => step(selector, 1) },
  { keys: "k", does: `to the ${what} before`, run: () => step(selector, -1) },
];

function step(selector: string, by: 1 | -1): void {
  const all = [...document.querySelectorAll<HTMLElement>(selector)];
  const at = all.indexOf(document.activeElement as HTMLElement);
  all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))]?.focus();
}

/** Whether a key press is meant for what has the focus: a field, a list. */
export function typing(target: EventTarget | null): boolean {
  const e = target as HTMLElement | null;
  if (!e?.matches) return false;
  return e.matches("textarea, select, [contenteditable], input:not([type=range], [type=checkbox], [type=radio])");
}

let first = "";
let timer = 0;
const together = 900; // milliseconds between the two keys of a pair

/** Runs shortcuts on key presses, for as long as the page is open. */
export function listenForKeys(): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]") && event.key !== "?") return;
    const pair = first === "" ? event.key : `${first} ${event.key}`;
    clearTimeout(timer);
    first = "";
    const all = shortcuts();
    // The last offered holds: a page's own goes before the shell's.
    const hit = all.findLast((s) => s.keys === pair);
    if (hit) {
      event.preventDefault();
      hit.run();
      return;
    }
    if (all.some((s) => s.keys.startsWith(`${event.key} `))) {
      first = event.key;
      timer = setTimeout(() => (first = ""), together) as unknown as number;
    }
  });
}
