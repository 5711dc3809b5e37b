// What a delivery has answered: the picture beside its original, times, and what can be copied.

import { byId, element } from "./dom.js";
import { bytes, seconds } from "./format.js";

const pane = byId("result");
let sides = []; // the images side by side

const HEADERS = { "x-cache": "X-Cache", age: "Age", "cache-control": "Cache-Control" };

export function hint(words) {
  sides = [];
  pane.replaceChildren(element("p", { class: "hint", role: "status" }, words));
}

export function failed(message) {
  sides = [];
  pane.replaceChildren(element("p", { class: "error", role: "alert" }, message));
}

// `original` is the address of the source, or null if the request is about another one.
export function show(answer, { original, key }) {
  const ok = answer.status === 200;
  sides = [];
  const pictures = [];
  if (original) pictures.push(figure("Original", { src: original, alt: `The original ${key}` }));
  if (answer.picture) {
    const facts = [answer.width ? `${answer.width} x ${answer.height}` : null, bytes(answer.bytes), answer.type];
    const src = `/delivery/result?${new URLSearchParams({ name: answer.picture })}`;
    pictures.push(figure("Result", { src, alt: `The image that was made of ${key}`, facts: facts.filter(Boolean).join("  \u00b7  ") }));
  }
  pane.replaceChildren(
    element(
      "div",
      { class: "answer" },
      element("div", { class: "heading" }, element("h2", {}, key), element("span", { class: `outcome ${ok ? "o-published" : "o-failed"}` }, `Status ${answer.status}`)),
      answer.error ? element("p", { class: "error" }, answer.error) : null,
      !answer.picture && ok ? element("p", { class: "hint" }, `${bytes(answer.bytes)} of ${answer.type}, which browsers do not show.`) : null,
      element("div", { class: "sides" }, pictures),
      factsTable(answer),
      element("div", { class: "copies" }, copy(answer.isSigned ? "URL, signed" : "URL", "Copy URL", answer.url), answer.snippet ? copy("HTML", "Copy snippet", answer.snippet) : null),
    ),
  );
}

function figure(title, { src, alt, facts = "" }) {
  const words = element("span", { class: "facts" }, facts);
  const image = element("img", {
    src,
    alt,
    onload: () => {
      if (!facts) words.textContent = `${image.naturalWidth} x ${image.naturalHeight}`;
      scale();
    },
    onerror: () => explain(frame, src),
  });
  const frame = element("div", { class: "frame" }, image);
  sides.push({ image, frame });
  return element("figure", {}, frame, element("figcaption", {}, element("strong", {}, title), words));
}

async function explain(frame, src) {
  const response = await fetch(src).catch(() => null);
  frame.replaceChildren(element("p", { class: "no-picture" }, response && !response.ok ? await response.text() : "cannot be shown"));
}

// Both at the same scale, at most one pixel of the screen for a pixel of the image.
function scale() {
  const loaded = sides.filter(({ image }) => image.naturalWidth > 0 && image.isConnected);
  const room = Math.min(...loaded.map(({ frame }) => frame.clientWidth));
  const factor = Math.min(1, room / Math.max(...loaded.map(({ image }) => image.naturalWidth)));
  for (const { image } of loaded) image.style.width = `${Math.max(1, Math.round(image.naturalWidth * factor))}px`;
}

addEventListener("resize", scale);

const stored = { true: "yes", false: "no", null: "not known" };

function factsTable({ fetches }) {
  const names = Object.keys(HEADERS).filter((name) => fetches.some(({ headers }) => name in headers));
  const lines = [
    ["Time, with the connection", ...fetches.map((it) => seconds(it.seconds))],
    ["Stored in the results bucket before", ...fetches.map((it) => stored[it.wasStored])],
    ...names.map((name) => [HEADERS[name], ...fetches.map(({ headers }) => headers[name] ?? "")]),
  ];
  const columns = ["", "First fetch", "Second fetch"].slice(0, fetches.length + 1);
  return element(
    "table",
    { class: "facts-table", role: "table", "aria-label": "Fetches" },
    element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, columns.map((name) => element("th", { role: "columnheader", scope: "col" }, name)))),
    element(
      "tbody",
      { role: "rowgroup" },
      lines.map(([name, ...values]) =>
        element("tr", { role: "row" }, element("th", { role: "rowheader", scope: "row" }, name), values.map((value) => element("td", { role: "cell" }, value))),
      ),
    ),
  );
}

function copy(title, words, text) {
  const button = element("button", {
    type: "button",
    onclick: async () => {
      try {
        await navigator.clipboard.writeText(text);
        byId("news").textContent = `${title} copied.`;
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(block);
        byId("news").textContent = "The browser does not allow copying: press Ctrl-C. The text is selected.";
      }
    },
  }, words);
  const block = element("pre", {}, text);
  return element("div", {}, element("h3", {}, title, button), block);
}
