import { useState } from "preact/hooks";

/** A button that copies a text; says so for screen readers too. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [state, setState] = useState("");
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      setState("select and copy by hand"); // no permission, or not a secure context
    }
  }
  return (
    <button type="button" class="copy" aria-label={`Copy ${label}`} onClick={copy} onBlur={() => setState("")}>
      <span aria-live="polite">{state === "" ? "copy" : state}</span>
    </button>
  );
}
