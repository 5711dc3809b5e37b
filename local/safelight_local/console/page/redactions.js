// The page of redactions: it lists the latest uploads, shows one, and polls for changes.

import { get } from "./api.js";
import { byId, element, setOptions, trouble } from "./dom.js";
import { moment, outcomeClass, outcomeInWords, sentence, visible } from "./format.js";
import { showPages } from "./pages.js";
import { keepLooking, lookNow } from "./polling.js";
import * as review from "./review.js";
import { showWhere } from "./where.js";

let redactions = [];
let chosen = { redaction: null, item: null };
let shown = null; // the view that is shown, as text
let isFinal = false; // whether it has its outcome
let version = ""; // what the list says of it
let listed = ""; // the rows that are shown, as text

const addressOf = (item) => `#/${[chosen.redaction, item].map(encodeURIComponent).join("/")}`;

function readAddress() {
  const [redaction, item] = location.hash.replace(/^#\//, "").split("/").map(decodeURIComponent);
  const known = redactions.find(({ id }) => id === redaction) ?? redactions[0];
  return { redaction: known?.id ?? null, item: known?.id === redaction && item ? item : null };
}

function note(message) {
  byId("note").textContent = message;
  byId("note").hidden = !message;
}

const cell = (name, ...children) => element("td", { role: "cell", class: `c-${name}` }, ...children);

function line(row, kind) {
  const current = row.id === chosen.item ? "true" : null;
  return element(
    "tr",
    { role: "row", "data-id": row.id, "aria-current": current },
    cell("outcome", element("span", { class: outcomeClass(row.outcome) }, outcomeInWords(row.outcome))),
    cell("key", element("a", { href: addressOf(row.id), title: row.key }, row.key || "...")),
    cell("place", review.coveredInWords({ ...row, kind })),
    cell("reason", row.progress ? element("span", { class: "progress" }, row.progress) : row.reason),
    cell("seconds", review.durationInWords({ ...row, kind })),
    cell("started", element("time", { datetime: new Date(row.started * 1000).toISOString() }, moment(row.started))),
  );
}

function showList({ rows, more }) {
  const text = JSON.stringify([rows, more, chosen]);
  if (text === listed) return;
  const focused = document.activeElement?.closest?.("#rows tr")?.dataset.id;
  listed = text;
  const { kind, source } = redactions.find(({ id }) => id === chosen.redaction);
  byId("rows").replaceChildren(...rows.map((row) => line(row, kind)));
  if (focused !== undefined) focusOn(focused);
  byId("count").textContent = `${rows.length} upload${rows.length === 1 ? "" : "s"}${more ? ", the latest of more" : ""}`;
  byId("empty").hidden = rows.length > 0;
  byId("empty").textContent = visible(`No upload yet: put a file into ${source}`);
}

const lineOf = (id) => [...byId("rows").rows].find((it) => it.dataset.id === id);
const focusOn = (id) => lineOf(id)?.querySelector("a").focus();

function close() {
  const { item } = chosen;
  location.hash = addressOf("");
  focusOn(item);
}

async function showItem() {
  const { redaction, item } = chosen;
  byId("panes").classList.toggle("with-detail", item !== null);
  if (item === null) {
    document.title = "Redactions - Safelight console";
    review.hide();
    return;
  }
  const isNew = shown === null;
  if (!isNew && isFinal) return;
  const query = { redaction, item };
  let view;
  try {
    view = await get("/api/redaction/upload", query);
  } catch (error) {
    if (!error.status) throw error;
    if (chosen.item === item) review.failed(sentence(error.message), { onClose: close });
    return;
  }
  if (chosen.item !== item || chosen.redaction !== redaction) return;
  isFinal = view.isFinal;
  const text = JSON.stringify(view);
  if (text === shown) return;
  if (!isNew && isFinal) byId("news").textContent = `${visible(view.key)}: ${outcomeInWords(view.outcome)}`;
  shown = text;
  document.title = `${visible(view.key)} - Safelight console`;
  const address = (name) => `/redactions/${name === "video" ? name : "picture"}?${new URLSearchParams(name === "video" ? query : { ...query, name })}`;
  review.show(view, { address, onClose: close });
  if (isNew) byId("detail").focus({ preventScroll: true });
}

async function look() {
  const { redaction } = chosen;
  if (redaction === null) return;
  const answer = await get("/api/redaction/uploads", { redaction });
  if (redaction !== chosen.redaction) return;
  showList(answer);
  trouble("");
  const row = answer.rows.find(({ id }) => id === chosen.item);
  const now = row ? JSON.stringify([row.started, row.stopped, row.outcome]) : version;
  // Another file under the same key, or its copy was replaced.
  if (now !== version) isFinal = false;
  version = now;
  await showItem();
}

async function go() {
  const before = chosen;
  chosen = readAddress();
  byId("redaction").value = chosen.redaction;
  if (before.redaction !== chosen.redaction) {
    listed = "";
    byId("rows").replaceChildren();
  }
  if (before.redaction !== chosen.redaction || before.item !== chosen.item) shown = null;
  for (const row of byId("rows").rows) {
    if (row.dataset.id === chosen.item) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
  await showItem().catch((error) => trouble(error.message));
  lookNow();
}

async function begin() {
  const start = await get("/api/start");
  showWhere(start);
  showPages();
  redactions = await get("/api/redactions");
  if (!redactions.length) note("No redaction is deployed here: add a RedactionService or a VideoRedaction to the CDK app, and deploy it.");
  setOptions(byId("redaction"), redactions.map(({ id, name }) => [id, name]));
  byId("redaction").addEventListener("change", (event) => (location.hash = `#/${encodeURIComponent(event.target.value)}`));
  byId("rows").addEventListener("click", (event) => {
    // The whole row is the link, for a mouse.
    if (!event.target.closest("a")) event.target.closest("tr")?.querySelector("a")?.click();
  });
  addEventListener("hashchange", go);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && chosen.item !== null) close();
  });
  await go();
  keepLooking({ look, trouble, account: start.account });
}

begin().catch((error) => trouble(error.message));
