import { Banner } from "./shell/banner";
import { Header } from "./shell/header";
import { Missing } from "./shell/states";
import { IncidentPage } from "./incident/page";
import { IncidentsPage } from "./incidents/page";
import { TracePage } from "./trace/page";
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
    case "trace":
      return <TracePage key={at.id} id={at.id} />;
    case "missing":
      return <Missing title="There is no such page" detail={`Nothing is shown at ${at.path}.`} />;
  }
}
