// JSONata's reference implementation: a line of JSON {expression, variables} on standard input, a line of answer out.
import { createInterface } from "node:readline";
import jsonata from "jsonata";

for await (const line of createInterface({ input: process.stdin })) {
  const { expression, variables } = JSON.parse(line);
  let answer;
  try {
    const program = jsonata(expression);
    // Step Functions' own function, which JSONata has not.
    program.registerFunction("parse", JSON.parse);
    answer = { value: await program.evaluate(undefined, variables) };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
