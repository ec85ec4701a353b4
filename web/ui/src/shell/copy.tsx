import { useState } from "preact/hooks";

/** A button that copies a text; says so for screen readers too. */
export function Copy({ text, label, word = "copy" }: { text: string | (() => Promise<string>); label: string; word?: string }) {
  const [state, setState] = useState("");
  async function copy() {
    try {
      await navigator.clipboard.writeText(typeof text === "string" ? text : await text());
      setState("copied");
    } catch {
      setState("could not copy"); // no permission, or not a secure context
    }
  }
  return (
    <button type="button" class="copy" aria-label={`${word}: ${label}`} onClick={copy} onBlur={() => setState("")}>
      <span aria-live="polite">{state === "" ? word : state}</span>
    </button>
  );
}
