import type { RiskRoute } from "../api/types";
import { grouped } from "../format/number";
import { parameters, setParameters } from "../router";

/** Which routes were taken for critical; the choice stands in the address. */
export function RouteChoice({ routes }: { routes: RiskRoute[] }) {
  const chosen = parameters("critical");
  const now = routes.filter((r) => r.critical).map((r) => r.route);
  const toggle = (route: string) => setParameters({ critical: now.includes(route) ? now.filter((n) => n !== route) : [...now, route] });
  return (
    <section aria-labelledby="routes-title">
      <h2 id="routes-title">Which requests matter</h2>
      <p class="quiet">
        {chosen.length === 0 ? "Those that are asked for most; choose others here. " : "As chosen. "}
        {chosen.length > 0 && (
          <button type="button" class="plain" onClick={() => setParameters({ critical: [] })}>
            Choose by how often they are asked for
          </button>
        )}
      </p>
      <ul class="routes">
        {routes.map((r) => (
          <li key={`${r.service} ${r.route}`}>
            <label>
              <input type="checkbox" checked={r.critical} onChange={() => toggle(r.route)} /> {r.route}{" "}
              <span class="at">
                at {r.service}, {grouped(r.requests)} requests{r.background && ", takes messages"}
              </span>
            </label>
          </li>
        ))}
      </ul>
    </section>
  );
}
