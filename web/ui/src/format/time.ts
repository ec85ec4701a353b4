import { signal } from "@preact/signals";

/** The zone in which times are shown. UTC by default, as sentences have it. */
export type Zone = "utc" | "local";

const key = "headwater.zone";

function remembered(): Zone {
  try {
    return localStorage.getItem(key) === "local" ? "local" : "utc";
  } catch {
    return "utc"; // no storage: private windows, tests
  }
}

export const zone = signal<Zone>(remembered());

export function setZone(z: Zone): void {
  zone.value = z;
  try {
    localStorage.setItem(key, z);
  } catch {
    // It holds for this visit.
  }
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (n: number) => String(n).padStart(2, "0");

interface Fields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

function fields(d: Date, z: Zone): Fields {
  return z === "utc"
    ? {
        year: d.getUTCFullYear(),
        month: d.getUTCMonth(),
        day: d.getUTCDate(),
        hour: d.getUTCHours(),
        minute: d.getUTCMinutes(),
        second: d.getUTCSeconds(),
      }
    : {
        year: d.getFullYear(),
        month: d.getMonth(),
        day: d.getDate(),
        hour: d.getHours(),
        minute: d.getMinutes(),
        second: d.getSeconds(),
      };
}

/** 14:02:10 */
export function clock(t: string | Date, z: Zone): string {
  const f = fields(new Date(t), z);
  return `${two(f.hour)}:${two(f.minute)}:${two(f.second)}`;
}

/** 14:02 */
export const minute = (t: string | Date, z: Zone): string => clock(t, z).slice(0, 5);

/** 12 Mar 2026 */
export function day(t: string | Date, z: Zone): string {
  const f = fields(new Date(t), z);
  return `${f.day} ${months[f.month]} ${f.year}`;
}

/** UTC, or the local zone's distance from it: UTC+2, UTC−3:30. */
export function zoneName(z: Zone, offsetMinutes: number): string {
  if (z === "utc" || offsetMinutes === 0) return "UTC";
  const abs = Math.abs(offsetMinutes);
  const rest = abs % 60;
  // getTimezoneOffset counts westwards.
  return `UTC${offsetMinutes > 0 ? "\u2212" : "+"}${(abs - rest) / 60}${rest === 0 ? "" : `:${two(rest)}`}`;
}

/** The seconds between two times. */
export const between = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;

/** Whether a time was set: an empty report begins at year 1. */
export const known = (t: string): boolean => !t.startsWith("0001-");
