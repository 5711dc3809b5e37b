// One execution: its path, its pictures, its checks and its record.

import { get } from "./api.js";
import { byId, element } from "./dom.js";
import { json, moment, outcomeClass, outcomeInWords, seconds } from "./format.js";
import { makeGraph } from "./graph.js";
import { makePictures } from "./pictures.js";

const pane = byId("detail");
const diagrams = new Map(); // its name -> SVG
let wanted = null; // the ARN of the execution that was opened last, or null
let shown = null; // what is on the pane: { arn, addressOf, graph, parts, chosen }

const section = (title, ...children) => element("section", {}, element("h3", {}, title), ...children);

// Resolves to null if another execution was opened, or this one was closed, before it was read.
export async function show({ workflow, arn, name, addressOf, onClose }) {
  wanted = arn;
  if (shown?.arn !== arn) announce(name, "Reading the execution ...", onClose);
  try {
    return await read({ workflow, arn, addressOf, onClose });
  } catch (error) {
    if (wanted === arn && shown === null) announce(name, "The execution could not be read.", onClose);
    throw error;
  }
}

function announce(name, words, onClose) {
  shown = null;
  const heading = element("div", { class: "heading" }, element("h2", {}, name));
  pane.replaceChildren(closeButton(onClose), heading, element("p", { class: "hint", role: "status" }, words));
  pane.hidden = false;
}

const closeButton = (onClose) =>
  element("button", { type: "button", class: "close", onclick: onClose }, element("span", { "aria-hidden": "true" }, "\u2190 "), "All executions");

async function read({ workflow, arn, addressOf, onClose }) {
  const view = await get("/api/execution", { workflow, arn });
  if (!diagrams.has(view.diagram)) {
    // Without Node.js there is no graph. Everything else works.
    diagrams.set(view.diagram, await get("/api/diagram", { name: view.diagram }).catch((error) => ({ error: error.message })));
  }
  if (wanted !== arn) return null;
  const same = shown?.arn === arn;
  if (!same) build(view, { addressOf, onClose });
  update(view);
  return { view, isNew: !same };
}

export function hide() {
  wanted = null;
  shown = null;
  pane.hidden = true;
  pane.replaceChildren();
}

function build(view, { addressOf, onClose }) {
  const parts = Object.fromEntries(["heading", "pictures", "states", "data", "checks", "record"].map((name) => [name, element("div", { class: name })]));
  const { svg, error } = diagrams.get(view.diagram);
  const graph = svg
    ? makeGraph({ svg, onState: (state) => choose(view.arn, lastVisit(state)) })
    : { view: element("p", { class: "no-picture" }, error), colour: () => null };
  shown = { arn: view.arn, addressOf, graph, parts, chosen: null, view, drawn: {} };
  const path = element("div", { class: "path" }, graph.view, element("div", { class: "steps" }, parts.states, parts.data));
  pane.replaceChildren(
    closeButton(onClose),
    parts.heading,
    parts.pictures,
    section("Path", path),
    parts.checks,
    parts.record,
  );
  pane.hidden = false;
}

const lastVisit = (state) => shown.view.visits.findLastIndex((visit) => visit.state === state);

// Redraws a part only if it has changed, so that focus, scrolling and pictures are kept.
function draw(name, value, make) {
  const text = JSON.stringify(value);
  if (shown.drawn[name] === text) return;
  shown.drawn[name] = text;
  shown.parts[name].replaceChildren(...[make()].flat().filter(Boolean));
}

function update(view) {
  shown.view = view;
  shown.graph.colour(view.visits);
  const { pictures, visits, checks, covered, record, ...rest } = view;
  draw("heading", rest, () => heading(view));
  draw("pictures", [pictures, checks, covered], () => (pictures.length ? makePictures(view) : null));
  draw("states", [visits, shown.chosen], () => states(view));
  draw("data", [visits[shown.chosen], shown.chosen], () => data(visits[shown.chosen]));
  draw("checks", checks, () => (checks.length ? section("Checks", checkList(checks)) : null));
  draw("record", [record, view.recordedHere], () => section("Record", recordOf(view)));
}

function choose(arn, at) {
  if (shown?.arn !== arn || at < 0) return;
  shown.chosen = shown.chosen === at ? null : at;
  update(shown.view);
  if (shown.chosen === null) return;
  shown.parts.data.querySelector("h4")?.focus({ preventScroll: true });
  shown.parts.data.scrollIntoView({ block: "nearest" });
}

function heading(view) {
  const outcome = view.running ? "RUNNING" : view.outcome;
  const facts = [
    ["Place type", view.placeType],
    ["Duration", seconds(view.seconds)],
    ["Started", moment(view.started)],
    ["Status", view.status],
    ["Workflow", view.workflow],
    ["Execution", view.name],
  ].filter(([, value]) => value);
  return [
    element("h2", {}, element("span", { class: outcomeClass(outcome) }, outcomeInWords(outcome)), element("span", { class: "key" }, view.key ?? view.name)),
    view.reason ? element("p", { class: "why" }, element("strong", {}, view.reason), element("span", {}, view.explanation)) : null,
    view.recordedBy
      ? element("p", { class: "hint recorded-by" }, "Another execution wrote the record of this upload: ", element("a", { href: shown.addressOf(view.recordedBy) }, view.recordedBy.split(":").at(-1)))
      : null,
    element("dl", { class: "facts" }, facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)))),
    view.links.length
      ? element("p", { class: "links" }, "In the AWS console: ", view.links.map((link) => element("a", { href: link.url, target: "_blank", rel: "noreferrer" }, link.label)))
      : null,
  ];
}

function states(view) {
  const whole = Math.max(0.001, view.seconds ?? Math.max(...view.visits.map((visit) => visit.entered + (visit.seconds ?? 0))));
  const rows = view.visits.map((visit, at) => {
    const bar = element("span", { class: "bar", "aria-hidden": "true" }, element("span", {}));
    bar.firstChild.style.left = `${Math.min(99, (visit.entered / whole) * 100)}%`;
    bar.firstChild.style.width = `${Math.max(1, ((visit.seconds ?? 0) / whole) * 100)}%`;
    return element(
      "li",
      {},
      element(
        "button",
        { type: "button", class: `visit v-${visit.status}`, "aria-expanded": String(at === shown.chosen), onclick: () => choose(view.arn, at) },
        element("span", { class: "dot", "aria-hidden": "true" }),
        element("span", { class: "state" }, visit.state),
        element("span", { class: "how" }, visit.status === "passed" ? (visit.failures ? `passed, ${visit.failures} retried` : "") : visit.status),
        element("span", { class: "time" }, seconds(visit.seconds)),
        bar,
      ),
    );
  });
  return [element("h4", { id: "states-title" }, "States"), element("ol", { "aria-labelledby": "states-title" }, rows)];
}

function data(visit) {
  if (!visit) return [element("p", { class: "hint" }, "Choose a state here or in the graph to see what went in and what came out.")];
  const block = (title, text) => (text ? element("details", { open: true }, element("summary", {}, title), element("pre", { tabindex: 0 }, json(text))) : null);
  return [
    element("h4", { tabindex: -1 }, visit.state, element("span", { class: "type" }, visit.type)),
    visit.error ? element("p", { class: "error" }, element("strong", {}, visit.error), visit.cause ? ` ${visit.cause}` : "") : null,
    block("Input", visit.input),
    block("Output", visit.output),
  ];
}

function checkList(checks) {
  return element(
    "ul",
    { class: "check-list" },
    checks.map((check) => {
      const verdict = check.accepted ? "Accepted" : check.reason === "CHECK_NOT_MADE" ? "Not made" : "Rejected";
      return element(
        "li",
        {},
        element("span", { class: `verdict ${check.accepted ? "yes" : "no"}` }, verdict),
        element("strong", {}, check.check),
        element("span", { class: "reason" }, check.accepted ? "" : check.reason ?? ""),
        element("span", { class: "words" }, check.words),
      );
    }),
  );
}

function recordOf(view) {
  if (!view.record) return element("p", { class: "hint" }, view.running ? "It is written while the execution runs." : "There is no record of this upload.");
  return [
    view.recordedBy ? element("p", { class: "hint" }, "Another execution wrote it.") : null,
    element(
      "dl",
      { class: "attributes" },
      Object.entries(view.record).sort(([a], [b]) => a.localeCompare(b)).map(([name, value]) =>
        element("div", {}, element("dt", {}, name), element("dd", {}, typeof value === "object" && value !== null ? element("pre", {}, json(value)) : String(value))),
      ),
    ),
  ].filter(Boolean);
}
