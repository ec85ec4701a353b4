import { box } from "./model";

const { width: w, height: h } = box;

/** The outline of a node, by kind: form tells them apart, not colour. */
export function Shape({ kind }: { kind: string }) {
  switch (kind) {
    case "database":
      return (
        <>
          <path class="body" d={`M0 7V${h - 7}C0 ${h + 2} ${w} ${h + 2} ${w} ${h - 7}V7`} />
          <ellipse class="body" cx={w / 2} cy={7} rx={w / 2} ry={7} />
        </>
      );
    case "cache":
      return <path class="body" d={`M12 0H${w - 12}L${w} ${h / 2}L${w - 12} ${h}H12L0 ${h / 2}Z`} />;
    case "queue":
      return (
        <>
          <path class="body" d={`M8 0H${w - 8}C${w + 2} 0 ${w + 2} ${h} ${w - 8} ${h}H8`} />
          <ellipse class="body" cx={8} cy={h / 2} rx={8} ry={h / 2} />
        </>
      );
    case "external":
      return <rect class="body dashed" width={w} height={h} rx={h / 2} />;
    case "host":
      return (
        <>
          <rect class="body" width={w} height={h} rx={3} />
          <path class="slots" d={`M0 ${h - 16}H${w}M${w - 26} 12h14M${w - 26} 18h14`} />
        </>
      );
    case "pool":
      return (
        <>
          <rect class="body" width={w} height={h} rx={h / 2} />
          <path class="slots" d={`M${w - 30} 14v${h - 28}M${w - 24} 14v${h - 28}M${w - 18} 14v${h - 28}`} />
        </>
      );
    case "version":
      return <path class="body" d={`M0 0H${w - 14}L${w} 14V${h}H0Z`} />;
    case "group":
      return (
        <>
          <rect class="body" x={5} y={-5} width={w - 5} height={h} rx={6} />
          <rect class="body dashed" y={0} width={w - 5} height={h} rx={6} />
        </>
      );
    case "overflow":
      return (
        <>
          <rect class="body" x={6} y={-6} width={w - 6} height={h} rx={4} />
          <rect class="body" width={w - 6} height={h} rx={4} />
        </>
      );
    default:
      return <rect class="body" width={w} height={h} rx={6} />;
  }
}
