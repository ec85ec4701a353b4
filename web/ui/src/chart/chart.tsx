import type uPlot from "uplot";
import { useEffect, useRef, useState } from "preact/hooks";
import { inUnit } from "../format/number";
import { clock, minute, zone } from "../format/time";
import { useDark } from "../shell/use-dark";
import { useWidth } from "../shell/use-width";
import type { Settings } from "./draw";

export const chartHeight = 118;

interface Props {
  /** Unix seconds, and then a column of values for each line. */
  data: [number[], ...number[][]];
  lines: Settings["lines"];
  /** As the report has units: "s", "1/s", "share", "1". */
  unit: string;
  band?: Settings["band"];
  mark?: Settings["mark"];
  at?: number | null;
  /** What the chart says, in words. */
  label: string;
  /** Takes the stretch of time, in Unix seconds, over which the mouse was dragged. */
  onRange?: (from: number, to: number) => void;
}

/** Numbers over time. Its code comes when the first one is shown. */
export function Chart({ data, lines, unit, band = null, mark = null, at = null, label, onRange }: Props) {
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
        chart.current = draw(into, data, {
          width,
          height: chartHeight,
          lines,
          band,
          mark,
          at,
          value: (v) => inUnit(v, unit),
          tick: (t) => minute(new Date(t * 1000), z),
          time: (t) => clock(new Date(t * 1000), z),
          onRange,
        });
      },
      () => setBroken(true), // the server went before the chart's code came
    );
    return () => {
      wanted = false;
      chart.current?.destroy();
      chart.current = null;
    };
  }, [data, lines, unit, JSON.stringify([band, mark, at]), z, dark, width]);

  if (broken) return null;
  return <div class="chart" ref={frame} style={{ minHeight: `${chartHeight}px` }} role="img" aria-label={label} />;
}
