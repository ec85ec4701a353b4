import { useRef } from "preact/hooks";
import { savePng, saveSvg } from "../shell/export";
import { useWidth } from "../shell/use-width";
import { EdgeLabel, EdgeMark } from "./edge";
import type { PictureModel } from "./model";
import { NodeMark } from "./node";
import { usePlan } from "./use-plan";

interface Props {
  picture: PictureModel;
  label: string;
  selected?: string | null;
  onSelect?: (id: string) => void;
  /** The name of the files in which the picture is saved. */
  file?: string;
}

const smallest = 0.8;
const largest = 1.12;

/** Nodes and calls as a drawing, callers at the left. */
export function Picture({ picture, label, selected = null, onSelect = () => {}, file = "headwater" }: Props) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const { plan, error } = usePlan(picture);
  const near = selected === null ? null : neighbours(picture, selected);
  const svg = useRef<SVGSVGElement>(null);
  const far = (edge: string) => near !== null && !near.edges.has(edge);
  if (error) return <p class="quiet">The picture could not be drawn ({error}). The table says the same.</p>;
  const scale = plan && width > 0 ? Math.min(largest, Math.max(smallest, width / plan.width)) : 1;
  return (
    <div class="picture-frame">
    <div class="picture" ref={ref} tabIndex={0} role="group" aria-label={`${label}, scrolls sideways`}>
      {plan && width > 0 && (
        <svg
          ref={svg}
          width={plan.width * scale}
          height={plan.height * scale}
          viewBox={`0 0 ${plan.width} ${plan.height}`}
          role="group"
          aria-label={label}
        >
          <Hatching />
          {picture.edges.map((e) => {
            const points = plan.edges[e.id];
            return (
              points && (
                <EdgeMark key={e.id} edge={e} points={points} dimmed={far(e.id)} selected={e.id === selected} onSelect={onSelect} />
              )
            );
          })}
          {picture.edges.map((e) => {
            const points = plan.edges[e.id];
            return points && <EdgeLabel key={e.id} edge={e} points={points} dimmed={far(e.id)} />;
          })}
          {picture.nodes.map((n) => {
            const at = plan.nodes[n.id];
            return (
              at && (
                <NodeMark
                  key={n.id}
                  node={n}
                  at={at}
                  selected={n.id === selected}
                  dimmed={near !== null && !near.nodes.has(n.id)}
                  onSelect={onSelect}
                />
              )
            );
          })}
        </svg>
      )}
    </div>
    <p class="save">
      <button type="button" class="copy" onClick={() => svg.current && saveSvg(svg.current, file)}>
        save as SVG
      </button>
      <button type="button" class="copy" onClick={() => svg.current && void savePng(svg.current, file)}>
        PNG
      </button>
    </p>
    </div>
  );
}

/** The pattern of inherited pressure, told from own by form. */
function Hatching() {
  return (
    <defs>
      <pattern id="hatch-picture" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="hatch-ground" width="4" height="4" />
        <rect class="hatch-line" width="1.8" height="4" />
      </pattern>
    </defs>
  );
}

/** A node, all whom it calls and who call it, and the calls between; or an edge and its ends. */
function neighbours(picture: PictureModel, id: string) {
  const edges = picture.edges.filter((e) => e.id === id || e.caller === id || e.callee === id);
  return {
    nodes: new Set([id, ...edges.flatMap((e) => [e.caller, e.callee])]),
    edges: new Set(edges.map((e) => e.id)),
  };
}
