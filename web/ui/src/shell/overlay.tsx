import { useEffect, useRef, useState } from "preact/hooks";
import { setZone, zone } from "../format/time";
import { navigate } from "../router";
import { shortcuts, useShortcuts } from "./keys";

/** The list of keys, over the page: opened and closed with "?". */
export function Overlay() {
  const [open, setOpen] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  useShortcuts([
    { keys: "?", does: "show or hide this list", run: () => setOpen((o) => !o) },
    { keys: "g i", does: "go to the incidents", run: () => navigate("/") },
    { keys: "g t", does: "go to the traces", run: () => navigate("/traces") },
    { keys: "g s", does: "go to the services", run: () => navigate("/graph") },
    { keys: "u", does: "times in UTC or local", run: () => setZone(zone.peek() === "utc" ? "local" : "utc") },
  ]);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <>
      <button type="button" class="help" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)" onClick={() => setOpen(true)}>
        ?
      </button>
      <dialog ref={dialog} class="keys" aria-labelledby="keys-title" onClose={() => setOpen(false)}>
        <header>
          <h2 id="keys-title">Keys</h2>
          <button type="button" class="plain" onClick={() => setOpen(false)}>
            Close
          </button>
        </header>
        {open && (
          <dl>
            {shortcuts().map((s) => (
              <div key={s.keys}>
                <dt>
                  {s.keys.split(" ").map((k) => (
                    <kbd key={k}>{k}</kbd>
                  ))}
                </dt>
                <dd>{s.does}</dd>
              </div>
            ))}
            <div>
              <dt>
                <kbd>Tab</kbd> <kbd>Enter</kbd>
              </dt>
              <dd>to whatever can be opened</dd>
            </div>
            <div>
              <dt>
                <kbd>←</kbd> <kbd>→</kbd> <kbd>↑</kbd> <kbd>↓</kbd>
              </dt>
              <dd>in timelines, charts and waterfalls</dd>
            </div>
          </dl>
        )}
      </dialog>
    </>
  );
}
