// Uploads files that are dropped on the page, and follows each to its execution.

import { post } from "./api.js";
import { byId, element } from "./dom.js";
import { outcomeClass, outcomeInWords } from "./format.js";

const sent = byId("sent");
let waiting = []; // { key, etag, since, line }
let send = null;

export function allowUploads({ workflow }) {
  send = async (file) => {
    const type = byId("place-type");
    if (!type.reportValidity()) return;
    const state = element("span", { class: "outcome" }, "Sending");
    const line = element("li", {}, state, element("span", { class: "key" }, file.name));
    sent.prepend(line);
    while (sent.children.length > 5) sent.lastChild.remove();
    const since = Date.now() / 1000 - 5;
    try {
      const { key, etag } = await post("/api/uploads", { workflow: workflow(), name: file.name, placeType: type.value.trim() }, file);
      state.textContent = "Waiting";
      waiting.push({ key, etag, since, line, state });
    } catch (error) {
      state.className = outcomeClass("FAILED");
      state.textContent = "Not sent";
      line.append(element("span", { class: "why" }, error.message));
    }
  };
  byId("drop").hidden = false;
}

// Finds the executions that dropped files started, and returns the first one to show.
export function follow({ find, address }) {
  let first = null;
  for (const item of waiting) {
    const row = find((it) => it.key === item.key && it.etag === item.etag && it.started >= item.since && !waiting.some((other) => other !== item && other.arn === it.arn));
    if (!row) continue;
    if (!item.arn) {
      item.arn = row.arn;
      first ??= row.arn;
      const name = item.line.querySelector(".key");
      name.replaceChildren(element("a", { href: address(row.arn) }, name.textContent));
    }
    const outcome = row.outcome ?? "RUNNING";
    item.state.className = outcomeClass(outcome);
    item.state.textContent = outcomeInWords(outcome);
    item.done = row.outcome !== null;
  }
  waiting = waiting.filter((item) => !item.done);
  return first;
}

const carriesFiles = (event) => send !== null && [...(event.dataTransfer?.types ?? [])].includes("Files");
let depth = 0;

function showTarget(change) {
  depth = Math.max(0, depth + change);
  document.body.classList.toggle("dropping", depth > 0);
}

document.addEventListener("dragenter", (event) => carriesFiles(event) && showTarget(1));
document.addEventListener("dragleave", (event) => carriesFiles(event) && showTarget(-1));
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  // Also without uploads: the browser would leave the page and open the file.
  event.preventDefault();
  depth = 0;
  showTarget(0);
  if (carriesFiles(event)) for (const file of event.dataTransfer.files) send(file);
});
byId("file").addEventListener("change", (event) => {
  for (const file of event.target.files) send(file);
  event.target.value = "";
});
byId("drop").addEventListener("submit", (event) => event.preventDefault());
