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
}

const smallest = 0.8;
const largest = 1.12;

/** Nodes and calls as a drawing, callers at the left. */
export function Picture({ picture, label, selected = null, onSelect = () => {} }: Props) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const { plan, error } = usePlan(picture);
  const near = selected === null ? null : neighbours(picture, selected);
  const far = (edge: string) => near !== null && !near.edges.has(edge);
  if (error) return <p class="quiet">The picture could not be drawn ({error}). The table says the same.</p>;
  const scale = plan && width > 0 ? Math.min(largest, Math.max(smallest, width / plan.width)) : 1;
  return (
    <div class="picture" ref={ref} tabIndex={0} role="group" aria-label={`${label}, scrolls sideways`}>
      {plan && width > 0 && (
        <svg
          width={plan.width * scale}
          height={plan.height * scale}
          viewBox={`0 0 ${plan.width} ${plan.height}`}
          role="group"
          aria-label={label}
        >
          <Hatching />
          {picture.edges.map((e) => {
            const points = plan.edges[e.id];
            return points && <EdgeMark key={e.id} edge={e} points={points} dimmed={far(e.id)} />;
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

/** A node, all whom it calls and who call it, and the calls between. */
function neighbours(picture: PictureModel, id: string) {
  const edges = picture.edges.filter((e) => e.caller === id || e.callee === id);
  return {
    nodes: new Set([id, ...edges.flatMap((e) => [e.caller, e.callee])]),
    edges: new Set(edges.map((e) => e.id)),
  };
}
