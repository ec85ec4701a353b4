import { defineConfig } from "vite";

// The build goes into the binary: same source, same bytes, on any machine.
export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
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
