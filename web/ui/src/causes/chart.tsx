import type uPlot from "uplot";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Evidence, Incident } from "../api/types";
import { inUnit } from "../format/number";
import { metricWords } from "../format/words";
import { clock, minute, zone, type Zone } from "../format/time";
import { useDark } from "../shell/use-dark";
import { useWidth } from "../shell/use-width";
import { baselineBand, columns } from "./series";

const height = 118;

/** The course of one number over baseline and incident. */
export function EvidenceChart({ evidence, incident }: { evidence: Evidence; incident: Incident }) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const chart = useRef<uPlot | null>(null);
  const [broken, setBroken] = useState(false);
  const dark = useDark();
  const z = zone.value;

  useEffect(() => {
    const into = frame.current;
    if (!into || width === 0) return;
    let wanted = true;
    import("./draw").then(
      ({ draw }) => {
        if (!wanted) return;
        chart.current = draw(into, columns(evidence.series), settings(evidence, incident, z, width));
      },
      () => setBroken(true), // the server went before the chart's code came
    );
    return () => {
      wanted = false;
      chart.current?.destroy();
      chart.current = null;
    };
  }, [JSON.stringify(evidence), incident.start, incident.end, z, dark, width]);

  if (broken) return null;
  const words = `${metricWords(evidence.metric)} of ${evidence.subject} over time: ${inUnit(
    evidence.baseline,
    evidence.unit,
  )} at the baseline, ${inUnit(evidence.incident, evidence.unit)} in the incident`;
  return <div class="chart" ref={frame} style={{ minHeight: `${height}px` }} role="img" aria-label={words} />;
}

function settings(evidence: Evidence, incident: Incident, z: Zone, width: number) {
  const second = (t: number) => new Date(t * 1000);
  return {
    width,
    height,
    band: baselineBand(evidence.series, incident.start),
    start: Date.parse(incident.start) / 1000,
    end: incident.end === null ? null : Date.parse(incident.end) / 1000,
    value: (v: number) => inUnit(v, evidence.unit),
    tick: (t: number) => minute(second(t), z),
    time: (t: number) => clock(second(t), z),
  };
}
