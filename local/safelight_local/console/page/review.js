// One upload of a redaction: before and after, the boxes between them, and how far a video is.

import { byId, element } from "./dom.js";
import { bytes, moment, outcomeClass, outcomeInWords, seconds } from "./format.js";

const pane = byId("detail");
const KINDS = { FACE: ["face", "faces"], TEXT: ["text", "texts"], PLATE: ["number plate", "number plates"] };
const STYLES = { FILL: "filled with one colour", BLUR: "blurred", PIXELATE: "pixelated" };
const TYPES = { "video/mp4": "MP4", "video/quicktime": "MOV", "video/x-matroska": "MKV", "image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP", "image/avif": "AVIF", "image/tiff": "TIFF" };
let withBoxes = true;

// Of what is redacted. An execution that found its result there does not say how much is covered.
export function coveredInWords({ outcome, kind, covered }) {
  if (outcome !== "REDACTED") return "";
  const counted = Object.entries(covered)
    .map(([kind, number]) => `${number} ${(KINDS[kind] ?? [kind.toLowerCase(), kind.toLowerCase()])[Number(number !== 1)]}`)
    .join(", ");
  return counted || (kind === "photo" ? "nothing found" : "");
}

// S3 tells whole seconds: of a photograph, nothing finer is known.
export function durationInWords({ kind, started, stopped }) {
  if (stopped === null) return "";
  if (kind !== "photo") return seconds(stopped - started);
  return stopped - started < 1 ? "< 1 s" : seconds(stopped - started).replace(/\.0+ s$/, " s");
}

export function hide() {
  pane.hidden = true;
  pane.replaceChildren();
}

export function failed(message, { onClose }) {
  pane.hidden = false;
  pane.replaceChildren(closer(onClose), element("p", { class: "error", role: "alert" }, message));
}

// `address` gives the address of a picture or of the video by its name.
export function show(view, { address, onClose }) {
  pane.hidden = false;
  pane.replaceChildren(
    closer(onClose),
    element("div", { class: "review" }, heading(view), view.phases.length && view.outcome !== "REDACTED" ? phases(view) : null, view.kind === "video" ? video(view, address) : photo(view, address)),
  );
}

const closer = (onClose) => element("button", { type: "button", class: "close", onclick: onClose }, "Back to the list");

function heading(view) {
  const facts = [
    ["Covered", coveredInWords(view)],
    ["Style", view.style && (STYLES[view.style] ?? view.style)],
    ["Size", view.size && view.size.join(" x ")],
    [view.kind === "photo" ? "Uploaded" : "Started", moment(view.started)],
    ["Duration", durationInWords(view)],
  ];
  return element(
    "div",
    { class: "heading" },
    element("h2", {}, element("span", { class: "key" }, view.key), element("span", { class: outcomeClass(view.outcome) }, outcomeInWords(view.outcome))),
    view.reason ? element("p", { class: "why" }, element("strong", {}, view.reason)) : null,
    view.progress && (view.phases.at(-1)?.is_over ?? true) ? element("p", { class: "hint" }, sentence(view.progress)) : null,
    element(
      "dl",
      { class: "facts" },
      facts.filter(([, words]) => words).map(([name, words]) => element("div", {}, element("dt", {}, name), element("dd", {}, words))),
    ),
    view.links.length
      ? element("p", { class: "links" }, view.links.map(({ label, url }) => element("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, `${label} in the AWS console`)))
      : null,
  );
}

const sentence = (words) => `${words.charAt(0).toUpperCase()}${words.slice(1)}`;

function phases(view) {
  return element(
    "ol",
    { class: "phases", "aria-label": "Progress" },
    view.phases.map((phase) =>
      element(
        "li",
        { class: phase.is_over ? "over" : null },
        element("span", {}, sentence(phase.name)),
        element("span", { class: "chunks" }, `${phase.done} of ${phase.total} chunks`),
        element("progress", { class: "track", max: Math.max(1, phase.total), value: phase.done, "aria-label": sentence(phase.name) }),
      ),
    ),
  );
}

function photo(view, address) {
  const before = figure("Before", { src: address("before"), alt: `${view.key}, before`, facts: view.before, boxes: view.boxes ?? [] });
  const after = view.after ? figure("After", { src: address("after"), alt: `${view.key}, redacted`, facts: view.after }) : missing(view);
  const compare = element("div", { class: "compare" }, before, after);
  if (!view.boxes?.length) return compare;
  return element("div", {}, element("div", { class: "bar-line" }, boxSwitch(compare)), compare);
}

function video(view, address) {
  if (!view.isFinal) return null;
  const sheet = (name, title) =>
    view.sheets.includes(name) ? figure(title, { src: address(name), alt: `Frames of ${view.key}, ${name} redaction`, facts: {} }) : null;
  const player = view.video
    ? element(
        "figure",
        { class: "whole" },
        element("div", { class: "frame plain" }, element("video", { src: address("video"), controls: true, preload: "metadata", "aria-label": `${view.key}, redacted` })),
        caption("The redacted video", view.after),
      )
    : null;
  const shown = [sheet("before", "Before, with boxes"), sheet("after", "After"), player].filter(Boolean);
  if (!shown.length) return view.outcome === "REDACTED" ? element("p", { class: "hint" }, "The redacted video is no longer there.") : null;
  return element("div", { class: "compare" }, shown);
}

function boxSwitch(compare) {
  const made = element("button", {
    type: "button",
    class: "switch",
    onclick: () => {
      withBoxes = !withBoxes;
      apply();
    },
  });
  const apply = () => {
    compare.classList.toggle("without-boxes", !withBoxes);
    made.setAttribute("aria-pressed", String(withBoxes));
  };
  made.append("Boxes");
  apply();
  return made;
}

function boxElement(box) {
  const words = `${(KINDS[box.kind] ?? [box.kind])[0]} ${Math.round(box.confidence)} %`;
  const made = element("span", { class: "box" }, element("span", { class: "box-label" }, words));
  for (const side of ["left", "top", "width", "height"]) made.style[side] = `${box[side] * 100}%`;
  return made;
}

function caption(title, facts) {
  const words = [facts.width ? `${facts.width} x ${facts.height}` : null, bytes(facts.bytes), TYPES[facts.type]];
  return element("figcaption", {}, element("strong", {}, title), element("span", { class: "facts" }, words.filter(Boolean).join("  \u00b7  ")));
}

function figure(title, { src, alt, facts, boxes = [] }) {
  const image = element("img", {
    src,
    alt: boxes.length ? `${alt}, with ${boxes.length} covered` : alt,
    decoding: "async",
    onload: () => made.lastChild.replaceWith(caption(title, { ...facts, width: image.naturalWidth, height: image.naturalHeight })),
    onerror: () => explain(frame, src),
  });
  const frame = element("div", { class: "frame" }, element("span", { class: "sized" }, image, boxes.map(boxElement)));
  const made = element("figure", {}, frame, caption(title, facts));
  return made;
}

function missing(view) {
  const words = view.isFinal ? "Nothing was written." : "Nothing is written yet.";
  return element("figure", {}, element("div", { class: "frame plain" }, element("p", { class: "no-picture" }, words)), caption("After", {}));
}

async function explain(frame, src) {
  const response = await fetch(src).catch(() => null);
  frame.replaceChildren(element("p", { class: "no-picture" }, response && !response.ok ? await response.text() : "cannot be shown"));
}
