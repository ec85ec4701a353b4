import type { Left } from "../api/types";
import { grouped } from "../format/number";

/** What an incident left behind, in short; empty where that is nothing. */
export function leftWords(left: Left | null): string {
  if (left === null) return "";
  const parts: [number, string][] = [
    [left.half_done, "half done"],
    [left.done_twice, "done twice"],
    [left.perhaps_twice, "perhaps done twice"],
    [left.running, "not over"],
  ];
  return parts
    .filter(([n]) => n > 0)
    .map(([n, what]) => `${grouped(n)} ${what}`)
    .join(", ");
}

/** Why a step is missing, in words. */
export const whyWords: Record<string, string> = {
  failed: "it failed",
  "gave-up": "its caller stopped waiting: it may have been done, ask the other side",
  "service-failed": "its service failed",
  "not-reached": "something failed before it",
  "message-failed": "its message was taken, in vain",
  "message-not-taken": "its message was never taken",
  silent: "nothing failed that was seen",
};
