/** Seconds as a text, from "500 ms", "1.5s", "2 min" or a plain number of seconds; null for anything else. */
export function secondsOf(text: string): string | null {
  const m = /^([\d.]+)\s*(ns|µs|us|ms|s|m|min)?$/.exec(text.trim());
  if (!m) return null;
  const unit = { ns: 1e-9, "µs": 1e-6, us: 1e-6, ms: 1e-3, s: 1, m: 60, min: 60 }[m[2] ?? "s"]!;
  const v = Number(m[1]) * unit;
  return Number.isFinite(v) ? String(Number(v.toPrecision(12))) : null;
}

/** Conditions on attributes, apart by blanks; a value with blanks stands in quotes: a="b c". */
export function attributesOf(text: string): string[] {
  const out: string[] = [];
  for (const m of text.matchAll(/([^\s=]+)(?:=(?:"([^"]*)"|(\S*)))?/g)) {
    const value = m[2] ?? m[3];
    out.push(value === undefined ? m[1]! : `${m[1]}=${value}`);
  }
  return out;
}

/** A condition as it is typed. */
export function attributeText(condition: string): string {
  const at = condition.indexOf("=");
  return at >= 0 && /\s/.test(condition.slice(at)) ? `${condition.slice(0, at)}="${condition.slice(at + 1)}"` : condition;
}
