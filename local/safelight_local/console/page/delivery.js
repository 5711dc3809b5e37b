// The page of deliveries: it writes requests, fetches them through the console's server, and shows the answers.

import { get, post } from "./api.js";
import { byId, element, setOptions, trouble } from "./dom.js";
import { bytes, sentence } from "./format.js";
import { showPages } from "./pages.js";
import * as result from "./result.js";
import { showWhere } from "./where.js";

const controls = byId("request").elements;
const NAMES = ["preset", "width", "height", "dpr", "fit", "focus", "format", "quality", "rotate", "enlarge", "flip", "flop", "grayscale"];
const CHOOSE = "Choose an image, or write its key.";
let deliveries = [];
let next = ""; // after which key the next page of images begins, or null
let asked = 0; // counts requests: an answer to an earlier one is not shown

const delivery = () => deliveries.find(({ id }) => id === byId("delivery").value);
const source = () => delivery().sources[Number(byId("source").value)];
const target = () => ({ delivery: delivery().id, source: byId("source").value });

function note(message) {
  byId("note").textContent = message;
  byId("note").hidden = !message;
}

function parameters() {
  const given = {};
  for (const name of NAMES) {
    const control = controls[name];
    const value = control.type === "checkbox" ? (control.checked ? control.value : "") : control.value.trim();
    if (value && !control.disabled) given[name] = value;
  }
  return given;
}

// Runs the last of what is asked for. A failure is told, unless something else was asked for since.
async function latest(work) {
  const mine = ++asked;
  const isLast = () => mine === asked;
  trouble("");
  byId("news").textContent = "";
  try {
    await work(isLast);
  } catch (error) {
    if (isLast()) result.failed(error.status ? sentence(error.message) : "The console does not answer: is safelight console still running?");
  }
}

const write = () =>
  latest(async (isLast) => {
    controls.focus.disabled = controls.fit.value !== "cover";
    if (!byId("key").value) return result.hint(CHOOSE);
    byId("text").value = "";
    const query = { ...target(), key: byId("key").value, form: byId("form").value, ...parameters() };
    const { text } = await get("/api/delivery/request", query);
    if (!isLast()) return;
    byId("text").value = text;
    await fetchText(isLast);
  });

async function fetchText(isLast) {
  const key = byId("key").value;
  if (!byId("text").value.trim()) return result.hint(CHOOSE);
  result.hint("Fetching the image ...");
  const query = { delivery: delivery().id, form: byId("form").value, accept: byId("accept").value };
  const answer = await post("/api/delivery/fetch", query, byId("text").value);
  if (!isLast()) return;
  const original = answer.key === key ? `/delivery/original?${new URLSearchParams({ ...target(), key })}` : null;
  result.show(answer, { original, key: answer.key });
  byId("news").textContent = answer.error ?? `The image is ${bytes(answer.bytes)}.`;
}

function choose(key) {
  byId("key").value = key;
  for (const button of byId("images").querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.key === key));
  write();
}

async function listImages() {
  const from = JSON.stringify(target());
  const answer = await get("/api/delivery/images", { ...target(), after: next });
  if (from !== JSON.stringify(target())) return;
  byId("images").append(
    ...answer.images.map((image) =>
      element(
        "li",
        {},
        element(
          "button",
          { type: "button", "data-key": image.key, "aria-pressed": "false", onclick: () => choose(image.key) },
          element("span", { class: "key" }, image.key),
          element("span", { class: "size" }, bytes(image.bytes)),
        ),
      ),
    ),
  );
  next = answer.next;
  byId("more").hidden = next === null;
  return answer.images[0]?.key;
}

const showSource = () =>
  latest(async () => {
    next = "";
    byId("images").replaceChildren();
    byId("more").hidden = true;
    byId("key").value = "";
    byId("text").value = "";
    result.hint(CHOOSE);
    note(source().areUploads ? "This delivery is of a workflow: write the key of an upload that was published." : "");
    const first = await listImages();
    if (first !== undefined) choose(first);
    else if (!source().areUploads && next === null) note("There is no image in this source. Upload one, then load this page again.");
  });

function showDelivery() {
  const { sources, presets, start } = delivery();
  const named = new URLSearchParams(location.search).get("preset");
  const first = presets.includes(named) ? { preset: named } : start;
  setOptions(byId("source"), sources.map(({ bucket, prefix }, index) => [String(index), prefix ? `${bucket}, ${prefix}` : bucket]), { chosen: "0" });
  setOptions(controls.preset, [["", "none"], ...presets.map((name) => [name, name])], { chosen: first.preset ?? "" });
  for (const side of ["width", "height"]) controls[side].value = first[side] ?? "";
  showSource();
}

// A preset says what the other controls would say, and a request may not say it twice.
function clearOthers(kept) {
  for (const control of NAMES.map((name) => controls[name]).filter((it) => it !== kept)) {
    if (control.type === "checkbox") control.checked = false;
    else control.value = "";
  }
}

async function begin() {
  showWhere(await get("/api/start"));
  showPages();
  deliveries = await get("/api/deliveries");
  if (!deliveries.length) {
    note("No image delivery is deployed here: add an ImageDelivery to the CDK app, and deploy it.");
    byId("request").hidden = true;
    return;
  }
  setOptions(byId("delivery"), deliveries.map(({ id, name }) => [id, name]));
  byId("delivery").addEventListener("change", showDelivery);
  byId("source").addEventListener("change", showSource);
  byId("key").addEventListener("change", (event) => choose(event.target.value));
  byId("more").addEventListener("click", () => listImages().catch((error) => trouble(error.message)));
  byId("controls").addEventListener("change", ({ target }) => {
    if (target === controls.preset && target.value) clearOthers(target);
    write();
  });
  byId("form").addEventListener("change", write);
  byId("accept").addEventListener("change", () => latest(fetchText));
  byId("request").addEventListener("submit", (event) => {
    event.preventDefault();
    latest(fetchText);
  });
  controls.focus.disabled = true;
  showDelivery();
}

begin().catch((error) => trouble(error.message));
