// The workflow's graph, with the path of an execution coloured on it.

import { element } from "./dom.js";
import { seconds } from "./format.js";

const parser = new DOMParser();
// By rising priority: a state that was visited more than once shows the last of these.
const RANKS = ["passed", "caught", "failed", "current"];

const MARGIN = 44; // around the path, in units of the picture
const LEAST_SCALE = 0.9; // names of states have 11 pixels or more
const MOST_SCALE = 1.1;

export function makeGraph({ svg, onState }) {
  const picture = document.importNode(parser.parseFromString(svg, "image/svg+xml").documentElement, true);
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
  const whole = picture.getAttribute("viewBox");
  let visited = "";
  let follows = true; // until the user zooms

  // Shows the states that were visited, at a size at which their names can be read.
  function zoomToPath() {
    const box = boxOf([...picture.querySelectorAll(".state")].filter((node) => node.dataset.visited));
    if (!box) return;
    follows = true;
    picture.setAttribute("viewBox", [box.left, box.top, box.width, box.height].join(" "));
    picture.classList.remove("natural");
    scale = Math.min(MOST_SCALE, Math.max(LEAST_SCALE, stage.clientWidth / box.width));
    resize();
    // A narrow window shows the first state of the path.
    const start = box.start.x + box.start.width / 2 - box.left;
    stage.scrollTo({ left: start * scale - stage.clientWidth / 2, top: 0 });
  }

  function resize() {
    picture.classList.toggle("fitted", scale === null);
    const shown = picture.viewBox.baseVal;
    picture.style.width = scale === null ? "" : `${shown.width * scale}px`;
    picture.style.height = scale === null ? "" : `${shown.height * scale}px`;
  }

  function zoom(factor) {
    follows = false;
    scale = Math.min(3, Math.max(0.2, (picture.getBoundingClientRect().width / picture.viewBox.baseVal.width) * factor));
    picture.classList.remove("natural");
    resize();
  }

  const tool = (label, words, action) => element("button", { type: "button", "aria-label": label, title: label, onclick: action }, words);
  const tools = element(
    "div",
    { class: "tools", role: "group", "aria-label": "Zoom" },
    tool("Zoom out", "\u2212", () => zoom(0.8)),
    tool("Zoom in", "+", () => zoom(1.25)),
    tool("Zoom to the path", "Path", zoomToPath),
    tool("Zoom to fit", "Fit", () => {
      follows = false;
      scale = null;
      picture.setAttribute("viewBox", whole);
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
  return {
    view: element("div", { class: "graph" }, tools, stage),
    colour(visits) {
      colour(picture, nodes, visits);
      const path = JSON.stringify([...new Set(visits.map((visit) => visit.state))]);
      if (path === visited) return;
      visited = path;
      order(picture, nodes, visits);
      // The stage has no size before it is on the page.
      if (follows) requestAnimationFrame(zoomToPath);
    },
  };
}

// Of states in the order of the path.
function boxOf(shown) {
  if (!shown.length) return null;
  const boxes = shown.map((node) => node.getBBox());
  const left = Math.min(...boxes.map((box) => box.x)) - MARGIN;
  const top = Math.min(...boxes.map((box) => box.y)) - MARGIN;
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + MARGIN;
  const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + MARGIN;
  return { left, top, width: right - left, height: bottom - top, start: boxes[0] };
}

// Tab follows the document: from the start state along the path. Lines come last, so that no Map covers its own.
function order(picture, nodes, visits) {
  const focused = document.activeElement;
  const path = [...new Set(visits.map((visit) => visit.state))].map((state) => nodes.get(state)).filter(Boolean);
  const rest = [...nodes.values()].filter((node) => !path.includes(node));
  picture.append(...path, ...rest, ...picture.querySelectorAll(".edge, .mark"));
  if (picture.contains(focused)) focused.focus({ preventScroll: true });
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
  const taken = new Set(visits.map((visit) => JSON.stringify([visit.after, visit.state])));
  for (const edge of picture.querySelectorAll(".edge")) {
    edge.classList.toggle("taken", taken.has(JSON.stringify([edge.dataset.source, edge.dataset.target])));
  }
  const passed = new Set(visits.filter((visit) => visit.status === "passed").map((visit) => visit.state));
  for (const edge of picture.querySelectorAll("[data-state-end]")) {
    edge.classList.toggle("taken", passed.has(edge.dataset.stateEnd));
  }
}
