import type { PictureEdge } from "./model";
import { along, arrowhead, length, pathOf, shortened, zigzag, type Point } from "./path";

interface Props {
  edge: PictureEdge;
  points: Point[];
  dimmed: boolean;
  selected?: boolean;
  onSelect?: (id: string) => void;
}

export function EdgeMark({ edge, points, dimmed, selected = false, onSelect }: Props) {
  if (edge.tie)
    return (
      <g class={dimmed ? "edge tie dimmed" : "edge tie"}>
        <title>{edge.words}</title>
        <path class="stroke" d={pathOf(points)} stroke-width={1.5} />
      </g>
    );
  const head = 7 + edge.width * 0.8;
  const line = shortened(points, head * 0.9);
  const form = `${edge.async ? " async" : ""}${selected ? " selected" : ""}`;
  return (
    <g
      class={`edge ${edge.pressed ? "pressed" : "calm"}${form}${dimmed ? " dimmed" : ""}`}
      onClick={onSelect && (() => onSelect(edge.id))}
    >
      <title>{edge.words}</title>
      <path class="grip" d={pathOf(line)} stroke-width={Math.max(14, edge.width)} />
      <path class="stroke" d={pathOf(line)} stroke-width={edge.width} />
      <polygon class="head" points={arrowhead(points, head)} />
      {edge.cut && <Cut points={points} width={edge.width} />}
      {edge.retries !== null && <path class="retries" d={pathOf(zigzag(points, edge.width / 2 + 3.5, 5.5, 78))} />}
    </g>
  );
}

/** Two strokes across the line, near the caller. */
function Cut({ points, width }: { points: Point[]; width: number }) {
  const half = width / 2 + 7;
  const stroke = (far: number) => {
    const { x, y, dx, dy } = along(points, far);
    return `M${x - dy * half} ${y + dx * half}L${x + dy * half} ${y - dx * half}`;
  };
  return <path class="cut-mark" d={stroke(9) + stroke(14)} />;
}

/** The label of a retry edge; drawn above all edges. */
export function EdgeLabel({ edge, points, dimmed }: { edge: PictureEdge; points: Point[]; dimmed: boolean }) {
  if (edge.retries === null) return null;
  const { x, y, dx, dy } = along(points, length(points) / 2);
  // Beside the line, on the upper side where there is one.
  const side = (edge.width / 2 + 19) * (dx < 0 ? -1 : 1);
  return (
    <g class={dimmed ? "amplification dimmed" : "amplification"} transform={`translate(${x + dy * side} ${y - dx * side})`} aria-hidden="true">
      <rect x={-19} y={-10} width={38} height={20} rx={10} />
      <text y={4}>{edge.retries}</text>
    </g>
  );
}
