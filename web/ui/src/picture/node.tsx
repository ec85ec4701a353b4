import type { TargetedKeyboardEvent } from "preact";
import { box, type PictureNode } from "./model";
import type { Point } from "./path";
import { Shape } from "./shape";

interface Props {
  node: PictureNode;
  at: Point;
  selected: boolean;
  dimmed: boolean;
  onSelect: (id: string) => void;
}

const inset = 18;
const track = box.width - 2 * inset;

export function NodeMark({ node, at, selected, dimmed, onSelect }: Props) {
  const select = (event: TargetedKeyboardEvent<SVGGElement>) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onSelect(node.id);
  };
  const mark = node.cause > 0 ? "suspect" : node.own + node.inherited > 0.005 ? "pressed" : "calm";
  return (
    <g
      class={`node ${mark}${node.mark ? ` ${node.mark}` : ""}${dimmed ? " dimmed" : ""}`}
      transform={`translate(${at.x - box.width / 2} ${at.y - box.height / 2})`}
      role="button"
      tabindex={0}
      aria-label={`${shortened(node.name, 18)} ${node.line}${(node.shared ?? 0) > 1 ? ` presses on ${node.shared} callers` : ""}${node.cause > 0 ? ` ${node.cause}` : ""}; ${node.words}`}
      aria-pressed={selected}
      onClick={() => onSelect(node.id)}
      onKeyDown={select}
    >
      <title>{node.words}</title>
      <rect class="halo" x={-4} y={-4} width={box.width + 8} height={box.height + 8} rx={9} />
      <Shape kind={node.kind} />
      <text class="name" x={inset} y={node.kind === "database" ? 28 : 22}>
        {shortened(node.name, 18)}
      </text>{" "}
      <text class="line" x={inset} y={node.kind === "database" ? 42 : 38}>
        {node.line}
      </text>{" "}
      {(node.shared ?? 0) > 1 && (
        <text class="shared-by" x={inset} y={box.height + 15}>
          presses on {node.shared} callers
        </text>
      )}{" "}
      <Pressure own={node.own} inherited={node.inherited} />
      {node.entry && <Entry />}
      {node.cause > 0 && <Badge rank={node.cause} />}
    </g>
  );
}

function Pressure({ own, inherited }: { own: number; inherited: number }) {
  if (own + inherited < 0.005) return null;
  const y = box.height - 10;
  const first = own * track;
  return (
    <g aria-hidden="true">
      <rect class="own" x={inset} y={y} width={first} height={5} />
      <rect class="inherited" x={inset + first} y={y} width={inherited * track} height={5} />
    </g>
  );
}

/** Users come in here: a person at the node's left. */
function Entry() {
  return (
    <g class="entry" transform={`translate(-16 ${box.height / 2})`} aria-hidden="true">
      <circle cy={-5} r={4} />
      <path d="M-7 8a7 7 0 0 1 14 0z" />
    </g>
  );
}

function Badge({ rank }: { rank: number }) {
  return (
    <g class={rank === 1 ? "badge first" : "badge"} transform={`translate(${box.width - 6} 2)`} aria-hidden="true">
      <circle r={11} />
      <text y={4}>{rank}</text>
    </g>
  );
}

/** A name cut to so many characters; its end often says more than its middle. */
export function shortened(name: string, most: number): string {
  if (name.length <= most) return name;
  const tail = Math.floor((most - 1) / 3);
  return `${name.slice(0, most - 1 - tail)}…${name.slice(name.length - tail)}`;
}
