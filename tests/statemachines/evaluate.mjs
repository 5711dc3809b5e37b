// JSONata's reference implementation: a line of JSON {expression, variables} on standard input, a line of JSON out with
// the answer of each version. Without variables the expression is only parsed.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

// "jsonata" is the version that AWS documents for Step Functions, "jsonata-newest" the newest.
const require = createRequire(import.meta.url);
const versions = ["jsonata", "jsonata-newest"].map((name) => ({
  version: require(`${name}/package.json`).version,
  jsonata: require(name),
}));

async function answer(jsonata, { expression, variables }) {
  try {
    const program = jsonata(expression);
    if (variables === undefined) return {};
    // Step Functions' own function, which JSONata does not have.
    program.registerFunction("parse", JSON.parse);
    return { value: await program.evaluate(undefined, variables) };
  } catch (error) {
    return { error: error.message };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const answers = {};
  for (const { version, jsonata } of versions) answers[version] = await answer(jsonata, JSON.parse(line));
  process.stdout.write(JSON.stringify(answers) + "\n");
}
