import { useLayoutEffect, useRef, useState } from "preact/hooks";
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

const smallest = 0.66;
const largest = 1.12;
const wholeHeight = 620; // in which a picture is seen as a whole

/** Nodes and calls as a drawing, callers at the left. */
export function Picture({ picture, label, selected = null, onSelect = () => {}, file = "headwater" }: Props) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const { plan, error } = usePlan(picture);
  const near = selected === null ? null : neighbours(picture, selected);
  const svg = useRef<SVGSVGElement>(null);
  const far = (edge: string) => near !== null && !near.edges.has(edge);
  useLayoutEffect(() => {
    // What is too wide shows its right side first: that is where things begin.
    const first = picture.nodes.find((n) => n.cause === 1);
    const at = first && plan?.nodes[first.id];
    const frame = ref.current;
    if (at && frame && plan && width > 0) frame.scrollLeft = Math.max(0, at.x * Math.max(smallest, width / plan.width) - width * 0.7);
  }, [plan, width > 0]);
  if (error) return <p class="quiet">The picture could not be drawn ({error}). The table says the same.</p>;
  const [zoom, setZoom] = useState(1);
  const fitting = plan && width > 0 ? Math.min(largest, Math.max(smallest, width / plan.width)) : 1;
  const scale = fitting * zoom;
  const whole = plan && width > 0 ? Math.min(1, width / plan.width, wholeHeight / plan.height) / fitting : 1;
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
      {plan && (whole < 0.99 || zoom !== 1) && (
        <span class="zoom" role="group" aria-label="Zoom">
          <button type="button" class="copy" onClick={() => setZoom(whole)} aria-pressed={zoom === whole}>
            whole picture
          </button>
          <button type="button" class="copy" aria-label="Zoom out" onClick={() => setZoom((z) => Math.max(whole, z / 1.3))}>
            −
          </button>
          <button type="button" class="copy" aria-label="Zoom in" onClick={() => setZoom((z) => Math.min(2, z * 1.3))}>
            +
          </button>
        </span>
      )}
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
