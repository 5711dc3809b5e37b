// The runtime of CloudFront Functions: reads a request a line, {code, event}, and writes an answer a line.
// patches/edge_functions.py says how it differs from AWS.
const crypto = require("crypto");
const querystring = require("querystring");
const readline = require("readline");
const vm = require("vm");
const buffer = require("buffer");

const HASHES = ["md5", "sha1", "sha256"];
const ENCODINGS = ["hex", "base64", "base64url"];
const IMPORT = /^[ \t]*import\s+([\w$]+)\s+from\s+(['"])([^'"]+)\2[ \t]*;?/gm;

const answer = process.stdout.write.bind(process.stdout);
// Standard output takes the answers only. What a function logs goes to standard error.
process.stdout.write = process.stderr.write.bind(process.stderr);

function permitted(value, values) {
  if (!values.includes(value)) throw new TypeError(`"${value}" is none of ${values.join(", ")}`);
}

function digester(make) {
  return (algorithm, ...key) => {
    permitted(algorithm, HASHES);
    const hash = make(algorithm, ...key);
    return {
      update(data) {
        hash.update(data);
        return this;
      },
      digest(encoding) {
        if (encoding !== undefined) permitted(encoding, ENCODINGS);
        return hash.digest(encoding);
      },
    };
  };
}

function valueStore({ items, created, modified }) {
  const has = (key) => Object.prototype.hasOwnProperty.call(items, key);
  return {
    async get(key, { format = "string" } = {}) {
      permitted(format, ["string", "json", "bytes"]);
      if (!has(key)) throw new Error(`KeyNotFound: ${key}`);
      if (format === "json") return JSON.parse(items[key]);
      return format === "bytes" ? Buffer.from(items[key]) : items[key];
    },
    async exists(key) {
      return has(key);
    },
    async meta() {
      return { creationDateTime: created, lastUpdatedDateTime: modified, keyCount: Object.keys(items).length };
    },
  };
}

function modules(store) {
  return {
    buffer,
    cloudfront: {
      kvs(id) {
        if (!store || (id !== undefined && id !== store.id)) throw new Error("KVSNotFound: no such associated store");
        return valueStore(store);
      },
    },
    crypto: { createHash: digester(crypto.createHash), createHmac: digester(crypto.createHmac) },
    querystring,
  };
}

const scripts = new Map();

function scriptOf(code) {
  if (!scripts.has(code)) {
    const body = code.replace(IMPORT, (_, name, _quote, module) => `const ${name} = require("${module}");`);
    scripts.set(code, new vm.Script(`"use strict";${body}\n;handler`, { filename: "function.js" }));
  }
  return scripts.get(code);
}

async function run(code, { store, ...event }) {
  const known = modules(store);
  const require = (name) => {
    if (!Object.prototype.hasOwnProperty.call(known, name)) throw new Error(`there is no module "${name}"`);
    return known[name];
  };
  // A new context for each run: global variables do not last.
  const context = vm.createContext(
    { require, console, Buffer: buffer.Buffer, TextEncoder, TextDecoder, atob, btoa },
    { codeGeneration: { strings: false, wasm: false } },
  );
  const handler = scriptOf(code).runInContext(context);
  const parse = vm.runInContext("JSON.parse", context);
  return await handler(parse(JSON.stringify(event)));
}

readline.createInterface({ input: process.stdin }).on("line", async (line) => {
  let result;
  try {
    const { code, event } = JSON.parse(line);
    result = { status: "ok", value: (await run(code, event)) ?? null };
  } catch (error) {
    result = { status: "error", message: String((error && error.stack) || error) };
  }
  answer(`${JSON.stringify(result)}\n`);
});
