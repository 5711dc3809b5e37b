// The pictures of an execution side by side, with boxes where a check found something.

import { pictureAddress } from "./api.js";
import { element } from "./dom.js";
import { bytes } from "./format.js";

const TITLES = { upload: "Upload", analysis: "What the checks looked at" };

const titleOf = (name) => TITLES[name] ?? name.replace(/^rendition\//, "");

function factsOf(picture, image) {
  const width = picture.width ?? (image?.naturalWidth || null);
  const height = picture.height ?? (image?.naturalHeight || null);
  return [width && height ? `${width} x ${height}` : null, bytes(picture.bytes), picture.type].filter(Boolean).join("  ·  ");
}

function boxElement(box) {
  const words = [box.name, typeof box.confidence === "number" ? `${Math.round(box.confidence)} %` : null].filter(Boolean).join(" ");
  const made = element("span", { class: "box" }, element("span", { class: "box-label" }, words));
  for (const side of ["left", "top", "width", "height"]) made.style[side] = `${box[side] * 100}%`;
  return made;
}

export function makePictures(view) {
  const seen = view.pictures.some((picture) => picture.name === "analysis") ? "analysis" : "upload";
  const found = view.checks.flatMap((check) => check.boxes.map((box) => ({ ...box, name: box.name ?? check.check })));
  const boxes = [...found, ...view.covered];
  return element("div", { class: "pictures" }, view.pictures.map((picture) => figure(view, picture, picture.name === seen ? boxes : [])));
}

function figure(view, picture, boxes) {
  const facts = element("span", { class: "facts" }, factsOf(picture));
  const image = element("img", {
    src: pictureAddress(view.arn, picture.name),
    alt: `${titleOf(picture.name)} of ${view.key}${boxes.length ? `, ${boxes.length} found in it` : ""}`,
    decoding: "async",
    onload: () => (facts.textContent = factsOf(picture, image)),
    onerror: () => explain(frame, image.src),
  });
  const frame = element("div", { class: "frame" }, element("span", { class: "sized" }, image, boxes.map(boxElement)));
  const kind = picture.name.startsWith("rendition/") ? "rendition" : picture.name;
  return element(
    "figure",
    { class: `picture ${kind}` },
    frame,
    element("figcaption", {}, element("strong", {}, titleOf(picture.name)), facts, picture.note ? element("span", { class: "removal" }, picture.note) : null),
  );
}

async function explain(frame, address) {
  const response = await fetch(address).catch(() => null);
  const words = response && !response.ok ? await response.text() : "cannot be shown";
  frame.replaceChildren(element("p", { class: "no-picture" }, words));
}
