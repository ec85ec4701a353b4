const noBreak = "\u00a0";
const minus = "\u2212";

/** A number with three significant digits and no trailing zeros. */
export function significant(v: number): string {
  if (v === 0) return "0";
  const abs = Math.abs(v);
  const text = abs >= 1000 ? grouped(Math.round(abs)) : String(Number(abs.toPrecision(3)));
  return v < 0 ? minus + text : text;
}

/** A whole number with its thousands told apart. */
export function grouped(n: number): string {
  return Math.round(n)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A duration given in seconds, in the unit that reads best. */
export function seconds(s: number): string {
  const abs = Math.abs(s);
  const sign = s < 0 ? minus : "";
  if (abs === 0) return `0${noBreak}s`;
  if (abs < 0.9995e-6) return `${sign}${significant(abs * 1e9)}${noBreak}ns`;
  if (abs < 0.9995e-3) return `${sign}${significant(abs * 1e6)}${noBreak}µs`;
  if (abs < 0.9995) return `${sign}${significant(abs * 1e3)}${noBreak}ms`;
  if (abs < 119.5) return `${sign}${significant(abs)}${noBreak}s`;
  if (abs < 3599.5) return `${sign}${parts(Math.round(abs), 60, "min", "s")}`;
  if (abs < 172_800) return `${sign}${parts(Math.round(abs / 60), 60, "h", "min")}`;
  return `${sign}${parts(Math.round(abs / 3600), 24, "d", "h")}`;
}

function parts(n: number, size: number, big: string, small: string): string {
  const rest = n % size;
  const head = `${grouped((n - rest) / size)}${noBreak}${big}`;
  return rest === 0 ? head : `${head} ${rest}${noBreak}${small}`;
}

/** A duration given in nanoseconds. */
export const nanoseconds = (ns: number): string => seconds(ns / 1e9);

/** A share between 0 and 1, as a percentage. */
export function share(v: number): string {
  if (v === 0) return "0%";
  const percent = Math.abs(v) * 100;
  const sign = v < 0 ? minus : "";
  if (percent < 0.1) return `<${sign}0.1%`;
  if (percent > 99 && percent < 100) return `${sign}${(Math.floor(percent * 10) / 10).toFixed(1)}%`;
  return `${sign}${percent < 9.95 ? Number(percent.toFixed(1)) : Math.round(percent)}%`;
}

/** A rate in events a second. */
export const perSecond = (v: number): string => `${significant(v)}/s`;

/** Attempts per call: 3.4×. */
export const times = (v: number): string => `${v < 9.95 ? v.toFixed(1) : Math.round(v)}×`;

/** A number in a unit of the report: "s", "1/s", "share" or "1". */
export function inUnit(v: number, unit: string): string {
  switch (unit) {
    case "s":
      return seconds(v);
    case "1/s":
      return perSecond(v);
    case "share":
      return share(v);
    case "1":
      return significant(v);
    default:
      return `${significant(v)}${noBreak}${unit}`;
  }
}

/** How many times after is before, in words; empty where that says nothing. */
export function growth(before: number, after: number): string {
  if (before <= 0 || after <= 0) return "";
  const ratio = after / before;
  if (ratio >= 1.05) return times(ratio);
  if (ratio <= 0.95) return `${minus}${Math.round((1 - ratio) * 100)}%`;
  return "as before";
}
