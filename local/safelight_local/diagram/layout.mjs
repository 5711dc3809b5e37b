// Graphviz compiled to WebAssembly: DOT on standard input, the layout as JSON on standard output.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { instance } = await import(pathToFileURL(process.argv[2]));
const graphviz = await instance();
process.stdout.write(graphviz.renderString(readFileSync(0, "utf8"), { format: "json0", engine: "dot" }));
