import { useEffect, useMemo, useState } from "preact/hooks";
import { useResource } from "../api/resource";
import type { GraphView, Status } from "../api/types";
import { comparePath, navigate, parameter, parameters, queryOf, setParameters, tracePath } from "../router";
import { Field } from "../shell/field";
import { along, useShortcuts } from "../shell/keys";
import { RangeChoice, useRange, type Asked } from "../shell/range";
import { Failure } from "../shell/states";
import { Progress } from "./progress";
import { Scatter } from "./scatter";
import { TraceTable } from "./table";
import { attributesOf, attributeText, secondsOf } from "./read";
import { useSearch } from "./use-search";

const statuses = ["", "failed", "ok", "error", "timed-out", "cancelled", "rejected", "refused"];

/** Finds traces by what one of their spans is like. */
export function TracesPage() {
  const asked = useRange();
  const status = useResource<Status>("/status", false).data;
  const conditions = {
    service: parameter("service"),
    operation: parameter("operation"),
    min: parameter("min"),
    max: parameter("max"),
    status: parameter("status"),
    sort: parameter("sort"),
  };
  const attributes = parameters("attribute");
  const path = `/traces${searchOf({ ...conditions, ...asked.query }, attributes)}`;
  const services = useServices(asked.query);
  useEffect(() => {
    document.title = "Traces · Headwater";
  }, []);
  useShortcuts([
    { keys: "/", does: "to the search", run: () => document.getElementById("search-service")?.focus() },
    ...along(".found-traces th a", "trace"),
  ]);
  return (
    <article class="traces-page">
      <h1 class="page-title">Traces</h1>
      <OpenById />
      {status !== null && !status.searchable ? (
        <p class="quiet">This store can't be searched; a trace can be opened by its id.</p>
      ) : (
        <>
          <form class="search" role="search" aria-label="Traces" onSubmit={(e) => e.preventDefault()}>
            <RangeChoice asked={asked} />
            <label>
              Service
              <Field
                id="search-service"
                list="services"
                value={conditions.service ?? ""}
                placeholder="any"
                onDone={(text) => setParameters({ service: text })}
              />
            </label>
            <datalist id="services">
              {services.map((s) => (
                <option key={s} value={s} />
              ))}
            </datalist>
            <Condition name="operation" label="Operation contains" value={conditions.operation} read={(v) => v} />
            <Condition name="min" label="At least" value={conditions.min} read={secondsOf} hint="500 ms" narrow suffix="s" />
            <Condition name="max" label="At most" value={conditions.max} read={secondsOf} hint="2 s" narrow suffix="s" />
            <label>
              Ended
              <select value={conditions.status ?? ""} onChange={(e) => setParameters({ status: e.currentTarget.value })}>
                {statuses.map((s) => (
                  <option key={s} value={s}>
                    {s === "" ? "in any way" : s === "failed" ? "not ok" : s.replace("-", " ")}
                  </option>
                ))}
              </select>
            </label>
            <label class="wide">
              Attributes
              <Field
                value={attributes.map(attributeText).join(" ")}
                placeholder="http.route=/checkout db.system.name"
                onDone={(text) => setParameters({ attribute: attributesOf(text) })}
              />
            </label>
            <label>
              First
              <select value={conditions.sort ?? "newest"} onChange={(e) => setParameters({ sort: e.currentTarget.value })}>
                <option value="newest">the newest</option>
                <option value="longest">the longest</option>
              </select>
            </label>
          </form>
          <Found path={path} follow={asked.last !== null} />
        </>
      )}
    </article>
  );
}

/** The query of a search request. */
function searchOf(params: Record<string, string | null>, attributes: string[]): string {
  const text = queryOf(params);
  const more = attributes.map((a) => `attribute=${encodeURIComponent(a)}`).join("&");
  return more === "" ? text : `${text}${text === "" ? "?" : "&"}${more}`;
}

interface ConditionProps {
  name: string;
  label: string;
  value: string | null;
  read: (text: string) => string | null;
  hint?: string;
  narrow?: boolean;
  suffix?: string;
}

function Condition({ name, label, value, read, hint = "any", narrow = false, suffix = "" }: ConditionProps) {
  return (
    <label class={narrow ? "narrow" : ""}>
      {label}
      <Field
        value={value === null ? "" : suffix === "" ? value : `${value} ${suffix}`}
        placeholder={hint}
        onDone={(text) => {
          const v = text === "" ? "" : read(text);
          if (v === null) return false;
          setParameters({ [name]: v });
          return true;
        }}
      />
    </label>
  );
}

function Found({ path, follow }: { path: string; follow: boolean }) {
  const longest = parameter("sort") === "longest";
  const search = useSearch(path, longest);
  const [marked, setMarked] = useState<string[]>([]);
  const { list, error } = search;
  const most = useMemo(() => Math.max(1e-9, ...(list?.traces ?? []).map((t) => t.duration)), [list]);
  if (error && !list) return <Failure what="search" error={error} retry={search.again} />;
  if (!list)
    return (
      <p class="loading" role="status">
        Looking…
      </p>
    );
  const mark = (id: string) => setMarked((m) => (m.includes(id) ? m.filter((x) => x !== id) : [...m.slice(-1), id]));
  const [a, b] = marked;
  return (
    <section class={search.stale ? "found stale" : "found"} aria-label="Found traces" aria-busy={search.state === "looking"}>
      <Progress search={search} list={list} longest={longest} follow={follow} />
      {list.traces.length > 0 ? (
        <>
          <Scatter list={list} />
          {a !== undefined && (
            <p class="compare-bar">
              {b === undefined ? (
                <>One trace is marked; mark another to compare them.</>
              ) : (
                <a href={comparePath(a, b)}>
                  Compare {a.slice(0, 8)}… with {b.slice(0, 8)}…
                </a>
              )}
            </p>
          )}
          <TraceTable list={list} longest={most} marked={marked} onMark={mark} />
          {search.state === "enough" && (
            <p>
              <button type="button" class="plain" onClick={search.goOn}>
                Older ones
              </button>
            </p>
          )}
        </>
      ) : (
        search.state === "done" && <p class="empty">No span in this time fits. Loosen a condition, or choose a longer time.</p>
      )}
    </section>
  );
}

/** The services that were seen in the range, for the field that asks for one. */
function useServices(range: Asked["query"]): string[] {
  const { data } = useResource<GraphView>(`/graph${queryOf(range)}`, false);
  return useMemo(
    () => [...new Set((data?.nodes ?? []).filter((n) => n.kind === "service").map((n) => n.name))].sort(),
    [data],
  );
}

function OpenById() {
  const [id, setId] = useState("");
  return (
    <form
      class="by-id"
      onSubmit={(e) => {
        e.preventDefault();
        if (id.trim() !== "") navigate(tracePath(id.trim()));
      }}
    >
      <label>
        Open by id
        <input class="mono" value={id} size={34} placeholder="32 hexadecimal digits" onInput={(e) => setId(e.currentTarget.value)} />
      </label>
      <button type="submit" class="plain">
        Open
      </button>
    </form>
  );
}
