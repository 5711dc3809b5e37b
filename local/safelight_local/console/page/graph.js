// The workflow's graph, with the path of an execution coloured on it.

import { element } from "./dom.js";
import { seconds } from "./format.js";

const parser = new DOMParser();
// By rising priority: a state that was visited more than once shows the last of these.
const RANKS = ["passed", "caught", "failed", "current"];

export function makeGraph({ svg, onState }) {
  const picture = document.importNode(parser.parseFromString(svg, "image/svg+xml").documentElement, true);
  const { width, height } = picture.viewBox.baseVal;
  picture.setAttribute("role", "group");
  const nodes = new Map([...picture.querySelectorAll(".state")].map((node) => [node.dataset.state, node]));
  for (const [state, node] of nodes) {
    const choose = () => node.dataset.visited && onState(state);
    node.addEventListener("click", (event) => {
      event.stopPropagation();
      choose();
    });
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      choose();
    });
  }
  const stage = element("div", { class: "stage", tabindex: 0, role: "region", "aria-label": "Graph of the workflow" }, picture);
  let scale = null; // null fits the whole of it into the window

  function resize() {
    picture.classList.toggle("fitted", scale === null);
    picture.style.width = scale === null ? "" : `${width * scale}px`;
    picture.style.height = scale === null ? "" : `${height * scale}px`;
  }

  function zoom(factor) {
    scale = Math.min(3, Math.max(0.2, picture.getBoundingClientRect().width / width * factor));
    picture.classList.remove("natural");
    resize();
  }

  const tool = (label, words, action) => element("button", { type: "button", "aria-label": label, title: label, onclick: action }, words);
  const tools = element(
    "div",
    { class: "tools", role: "group", "aria-label": "Zoom" },
    tool("Zoom out", "\u2212", () => zoom(0.8)),
    tool("Zoom in", "+", () => zoom(1.25)),
    tool("Zoom to fit", "Fit", () => {
      scale = null;
      picture.classList.remove("natural");
      resize();
    }),
  );
  stage.addEventListener("keydown", (event) => {
    if (event.key === "+") zoom(1.25);
    if (event.key === "-") zoom(0.8);
    if (event.key === "0") tools.lastElementChild.click();
  });
  picture.classList.add("natural");
  return { view: element("div", { class: "graph" }, tools, stage), colour: (visits) => colour(picture, nodes, visits) };
}

function colour(picture, nodes, visits) {
  for (const [state, node] of nodes) {
    const its = visits.filter((visit) => visit.state === state);
    const worst = its.map((visit) => visit.status).sort((a, b) => RANKS.indexOf(b) - RANKS.indexOf(a))[0];
    node.classList.remove(...RANKS);
    if (!worst) continue;
    node.classList.add(worst);
    node.dataset.visited = "true";
    node.setAttribute("tabindex", "0");
    node.setAttribute("role", "button");
    const spent = seconds(its.reduce((sum, visit) => sum + (visit.seconds ?? 0), 0));
    node.setAttribute("aria-label", `${state}: ${worst}${spent && `, ${spent}`}`);
  }
  picture.classList.toggle("traced", visits.length > 0);
  const taken = new Set(visits.slice(1).map((visit, at) => JSON.stringify([visits[at].state, visit.state])));
  for (const edge of picture.querySelectorAll(".edge")) {
    edge.classList.toggle("taken", taken.has(JSON.stringify([edge.dataset.source, edge.dataset.target])));
  }
  const last = visits.at(-1);
  for (const edge of picture.querySelectorAll("[data-state-end]")) {
    edge.classList.toggle("taken", last?.status === "passed" && edge.dataset.stateEnd === last.state);
  }
}
