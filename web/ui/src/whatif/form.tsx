import { useEffect, useMemo, useState } from "preact/hooks";
import type { Incident } from "../api/types";
import { nodeName } from "../format/words";
import { kinds, parse } from "./change";

interface Props {
  incident: Incident;
  asked: string;
  onAsk: (change: string) => void;
}

const first = kinds[0]!;

/** Another change than those of the list. */
export function ChangeForm({ incident, asked, onAsk }: Props) {
  const [kind, setKind] = useState(first);
  const [target, setTarget] = useState("");
  const [value, setValue] = useState(first.value ?? "");
  useEffect(() => {
    const c = parse(asked);
    const k = kinds.find((k) => k.kind === c.kind);
    if (!k) return;
    setKind(k);
    setTarget(c.target);
    setValue(c.value);
  }, [asked]);
  const targets = useMemo(() => targetsOf(incident, kind.target), [incident, kind]);
  const choose = (name: string) => {
    const k = kinds.find((k) => k.kind === name) ?? first;
    if (k.target !== kind.target) setTarget("");
    setKind(k);
    setValue(k.value ?? "");
  };
  const chosen = target === "" ? (targets[0] ?? "") : target;
  return (
    <form
      class="change"
      onSubmit={(event) => {
        event.preventDefault();
        onAsk(`${kind.kind} ${chosen}${kind.value === null ? "" : `=${value}`}`);
      }}
    >
      <label>
        Change{" "}
        <select value={kind.kind} onChange={(e) => choose(e.currentTarget.value)}>
          {kinds.map((k) => (
            <option key={k.kind} value={k.kind}>
              {k.words}
            </option>
          ))}
        </select>
      </label>
      <label>
        of{" "}
        <select value={chosen} onChange={(e) => setTarget(e.currentTarget.value)}>
          {(targets.includes(chosen) ? targets : [chosen, ...targets]).map((t) => (
            <option key={t} value={t}>
              {t.replace("->", " → ")}
            </option>
          ))}
        </select>
      </label>
      {kind.value !== null && (
        <label>
          to <input value={value} size={8} onInput={(e) => setValue(e.currentTarget.value)} />
        </label>
      )}
      <button type="submit" class="plain">
        Play it
      </button>
    </form>
  );
}

/** What a kind of change may be made of, most pressed first. */
function targetsOf(incident: Incident, what: "edge" | "node" | "route"): string[] {
  switch (what) {
    case "edge":
      return unique(
        incident.edges
          .filter((e) => !e.async)
          .sort((a, b) => b.pressure - a.pressure)
          .map((e) => `${nodeName(e.caller)}->${nodeName(e.callee)}`),
      );
    case "node":
      return unique(incident.nodes.filter((n) => n.kind !== "queue").sort((a, b) => b.own - a.own).map((n) => n.name));
  }
  return unique(["all", ...incident.impact.map((i) => i.route)]);
}

const unique = (names: string[]) => [...new Set(names)];
