// Runs the edge function for events that come in as lines of JSON: {settings, keys, events}. `cloudfront` is a fake.
import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const [path] = process.argv.slice(2);
const source = readFileSync(path, "utf-8").replace("import cf from 'cloudfront';", "");
const crypto = { createHash, createHmac };
const made = new Map();

function handlerFor(settings, keys) {
  const id = JSON.stringify([settings, keys]);
  if (!made.has(id)) {
    const code = source.replace("const SETTINGS = {};", `const SETTINGS = ${JSON.stringify(settings)};`);
    const get = async (key) => {
      if (!Object.hasOwn(keys, key)) throw new Error("KeyNotFound");
      return keys[key];
    };
    const fakeCloudFront = { kvs: () => ({ get }) };
    const build = new Function("cf", "require", `"use strict";${code}\nreturn handler;`);
    made.set(id, build(fakeCloudFront, () => crypto));
  }
  return made.get(id);
}

// As CloudFront gives it: names and values are still encoded.
function eventOf({ method, path: uri, query, headers }) {
  const querystring = Object.create(null);
  for (const pair of query.split("&").filter(Boolean)) {
    const [, name, value = ""] = /^([^=]*)=?([^]*)$/.exec(pair);
    const given = querystring[name];
    if (!given) querystring[name] = { value };
    else given.multiValue = [...(given.multiValue ?? [{ value: given.value }]), { value }];
  }
  const named = Object.entries(headers).map(([name, value]) => [name, { value }]);
  return {
    context: { requestId: "a request" },
    request: { method, uri, querystring, headers: Object.fromEntries(named), cookies: {} },
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { settings, keys, requests } = JSON.parse(line);
  const handler = handlerFor(settings, keys);
  const answers = [];
  const started = process.hrtime.bigint();
  for (const request of requests) answers.push(await handler(eventOf(request)));
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  console.log(JSON.stringify({ answers, seconds }));
}
