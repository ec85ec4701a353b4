import { useMemo } from "preact/hooks";
import type { Evidence, Incident } from "../api/types";
import { Chart } from "../chart/chart";
import { inUnit } from "../format/number";
import { metricWords } from "../format/words";
import { parameter } from "../router";
import { baselineBand, columns } from "./series";

const lines = [{ name: "", colour: "--own" }];

/** The course of one number over baseline and incident. */
export function EvidenceChart({ evidence, incident }: { evidence: Evidence; incident: Incident }) {
  const data = useMemo(() => columns(evidence.series), [evidence]);
  const band = useMemo(() => baselineBand(evidence.series, incident.start), [evidence, incident.start]);
  const at = parameter("at");
  const words = `${metricWords(evidence.metric)} of ${evidence.subject} over time: ${inUnit(
    evidence.baseline,
    evidence.unit,
  )} at the baseline, ${inUnit(evidence.incident, evidence.unit)} in the incident`;
  return (
    <Chart
      data={data}
      lines={lines}
      unit={evidence.unit}
      band={band}
      mark={{ start: Date.parse(incident.start) / 1000, end: incident.end === null ? null : Date.parse(incident.end) / 1000 }}
      at={at === null || Number.isNaN(Date.parse(at)) ? null : Date.parse(at) / 1000}
      label={words}
    />
  );
}
