import { Banner } from "./shell/banner";
import { Header } from "./shell/header";
import { Missing } from "./shell/states";
import { IncidentPage } from "./incident/page";
import { IncidentsPage } from "./incidents/page";
import { ComparePage } from "./compare/page";
import { GraphPage } from "./graph/page";
import { EdgePage } from "./node/edge";
import { NodePage } from "./node/page";
import { RisksPage } from "./risks/page";
import { TracePage } from "./trace/page";
import { TracesPage } from "./traces/page";
import { route } from "./router";

export function App() {
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Header />
      <Banner />
      <main id="main" tabIndex={-1}>
        <View />
      </main>
    </>
  );
}

function View() {
  const at = route.value;
  switch (at.page) {
    case "incidents":
      return <IncidentsPage />;
    case "incident":
      return <IncidentPage key={at.id} id={at.id} />;
    case "traces":
      return <TracesPage />;
    case "compare":
      return <ComparePage key={`${at.a} ${at.b}`} a={at.a} b={at.b} />;
    case "graph":
      return <GraphPage />;
    case "risks":
      return <RisksPage />;
    case "node":
      return <NodePage />;
    case "edge":
      return <EdgePage />;
    case "trace":
      return <TracePage key={at.id} id={at.id} />;
    case "missing":
      return <Missing title="There is no such page" detail={`Nothing is shown at ${at.path}.`} />;
  }
}
