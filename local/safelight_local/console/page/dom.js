// Makes elements. Values from buckets, tables and histories become visible text, never markup.

import { visible } from "./format.js";

const WORDS = new Set(["alt", "title", "aria-label"]);

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : WORDS.has(name) ? visible(String(value)) : String(value));
  }
  const some = children.flat().filter((child) => child !== null && child !== undefined);
  made.append(...some.map((child) => (child instanceof Node ? child : visible(String(child)))));
  return made;
}

export const byId = (id) => document.getElementById(id);

// Says on the page what does not work. Empty: everything does.
export function trouble(message) {
  const words = visible(message);
  const line = byId("trouble");
  if (line.textContent !== words) line.textContent = words;
  line.hidden = !words;
}

export function setOptions(select, options, { chosen = select.value } = {}) {
  const values = options.map(([value]) => value);
  // As JSON: no option at all is another thing than the one option that is empty.
  if (JSON.stringify([...select.options].map((option) => option.value)) === JSON.stringify(values)) return;
  select.replaceChildren(...options.map(([value, words]) => element("option", { value }, words)));
  select.value = options.some(([value]) => value === chosen) ? chosen : options[0]?.[0] ?? "";
}
