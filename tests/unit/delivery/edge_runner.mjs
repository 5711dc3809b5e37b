// Runs edge functions. Each line of the input is JSON: {id, events}, and {code, keys} when the id is new. `cloudfront`
// is a fake.
import { createHash, createHmac } from "node:crypto";
import { createInterface } from "node:readline";

const handlers = new Map();

function makeHandler(code, keys) {
  const get = async (key) => {
    if (!Object.hasOwn(keys, key)) throw new Error("KeyNotFound");
    return keys[key];
  };
  const fakeCloudFront = { kvs: () => ({ get }) };
  const require = () => ({ createHash, createHmac });
  const body = code.replace("import cf from 'cloudfront';", "");
  return new Function("cf", "require", `"use strict";${body}\nreturn handler;`)(fakeCloudFront, require);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, code, keys, events } = JSON.parse(line);
  if (code) handlers.set(id, makeHandler(code, keys));
  const handler = handlers.get(id);
  const started = performance.now();
  const answers = [];
  for (const event of events) answers.push(await handler(event));
  console.log(JSON.stringify({ answers, milliseconds: performance.now() - started }));
}
