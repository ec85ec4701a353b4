import { render } from "preact";
import { App } from "./app";
import { listen } from "./api/live";
import { followLinks } from "./router";
import "./style/tokens.css";
import "./style/base.css";
import "./style/shell.css";
import "./style/incidents.css";
import "./style/incident.css";
import "./style/picture.css";
import "./style/causes.css";
import "./style/timeline.css";
import "./style/trace.css";

followLinks();
listen();
render(<App />, document.getElementById("page")!);
