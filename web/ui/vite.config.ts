import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

/** The licences of what the worker bundles; build.license sees the page alone. */
const workerLicences: Plugin = {
  name: "worker-licences",
  generateBundle() {
    const parts = ["@dagrejs/dagre", "@dagrejs/graphlib"].map((name) => {
      const text = readFileSync(`node_modules/${name}/LICENSE`, "utf8");
      return `## ${name}\n\n${text.trim()}\n`;
    });
    this.emitFile({ type: "asset", fileName: "licenses-worker.md", source: parts.join("\n") });
  },
};

// The build goes into the binary: same source, same bytes, on any machine.
export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [workerLicences],
  worker: { format: "es" },
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    license: { fileName: "licenses.md" },
    reportCompressedSize: true,
  },
  server: { proxy: { "/api": "http://localhost:7317" } },
});
