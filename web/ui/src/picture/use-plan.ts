import { useEffect, useMemo, useState } from "preact/hooks";
import type { Plan, Sketch } from "./layout";
import type { PictureModel } from "./model";

interface Answer {
  id: number;
  plan?: Plan;
  error?: string;
}

let worker: Worker | null = null;
let count = 0;
const waiting = new Map<number, { done: (p: Plan) => void; failed: (e: Error) => void }>();

function start(): Worker {
  const w = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
  w.addEventListener("message", (event: MessageEvent<Answer>) => {
    const { id, plan, error } = event.data;
    const asked = waiting.get(id);
    waiting.delete(id);
    if (plan) asked?.done(plan);
    else asked?.failed(new Error(error ?? "no answer"));
  });
  w.addEventListener("error", (event) => {
    for (const asked of waiting.values()) asked.failed(new Error(event.message || "the layout did not start"));
    waiting.clear();
    worker = null;
  });
  return w;
}

/** Loads the layout's program while the data are still on their way. */
export function prepareLayout(): void {
  worker ??= start();
}

function ask(sketch: Sketch): Promise<Plan> {
  worker ??= start();
  const id = ++count;
  const to = worker;
  return new Promise((done, failed) => {
    waiting.set(id, { done, failed });
    to.postMessage({ id, sketch });
  });
}

/**
 * The plan of a picture. It is made anew only when nodes or edges come or go,
 * so that changing numbers don't move anything; until then the old one stands.
 */
export function usePlan(picture: PictureModel): { plan: Plan | null; error: string | null } {
  const key = useMemo(
    () => JSON.stringify([picture.nodes.map((n) => n.id), picture.edges.map((e) => e.id)]),
    [picture],
  );
  const [state, setState] = useState<{ plan: Plan | null; error: string | null }>({ plan: null, error: null });
  useEffect(() => {
    let wanted = true;
    const sketch = {
      nodes: picture.nodes.map((n) => n.id),
      edges: picture.edges.map((e) => ({ id: e.id, from: e.caller, to: e.callee })),
    };
    ask(sketch).then(
      (plan) => wanted && setState({ plan, error: null }),
      (cause: Error) => wanted && setState({ plan: null, error: cause.message }),
    );
    return () => {
      wanted = false;
    };
  }, [key]);
  return state;
}
