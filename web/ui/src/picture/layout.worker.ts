import { plan, type Sketch } from "./layout";

// Layout takes up to half a second: it must not hold up the page.
addEventListener("message", (event: MessageEvent<{ id: number; sketch: Sketch }>) => {
  const { id, sketch } = event.data;
  try {
    postMessage({ id, plan: plan(sketch) });
  } catch (cause) {
    postMessage({ id, error: String(cause) });
  }
});
