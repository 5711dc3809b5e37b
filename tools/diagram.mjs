// Graphviz compiled to WebAssembly: DOT on standard input, SVG on standard output.
import { readFileSync } from "node:fs";
import { instance } from "@viz-js/viz";

const graphviz = await instance();
process.stdout.write(graphviz.renderString(readFileSync(0, "utf8"), { format: "svg", engine: "dot" }));
