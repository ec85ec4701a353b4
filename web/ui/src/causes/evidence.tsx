import type { Evidence, Incident } from "../api/types";
import { growth, inUnit } from "../format/number";
import { metricWords, prose } from "../format/words";
import { EvidenceChart } from "./chart";

/** One number behind a cause: what it was, what it is, and its course. */
export function EvidenceItem({ evidence: e, incident }: { evidence: Evidence; incident: Incident }) {
  return (
    <li>
      <p class="numbers">
        <span class="metric">
          {metricWords(e.metric)} <span class="at">{e.subject}</span>
        </span>
        <span class="values">
          {inUnit(e.baseline, e.unit)} → <strong>{inUnit(e.incident, e.unit)}</strong>{" "}
          <span class="growth">{growth(e.baseline, e.incident)}</span>
        </span>
      </p>
      {e.series.length > 1 && <EvidenceChart evidence={e} incident={incident} />}
      <p class="says">{prose(e.sentence)}</p>
    </li>
  );
}
