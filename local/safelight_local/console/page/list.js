// The list of executions and its filters. Rows are updated in place.

import { pictureAddress } from "./api.js";
import { byId, element, setOptions } from "./dom.js";
import { moment, outcomeClass, outcomeInWords, seconds } from "./format.js";

const rows = new Map(); // ARN -> what is known of the execution
const lines = new Map(); // ARN -> its <tr>
const filters = ["search", "outcome", "reason", "status"].map(byId);
const body = byId("rows");
let selected = null;
let address = () => "";

const outcomeOf = (row) => row.outcome ?? (row.status === "RUNNING" ? "RUNNING" : row.read ? "NOT RECORDED" : "");

function cell(name, ...children) {
  return element("td", { role: "cell", class: `c-${name}` }, ...children);
}

// Only what was published has one. A picture that is already there is kept: it is not requested again.
function thumbnail(line, row) {
  const none = () => element("span", { class: "thumbnail" });
  if (!row.thumbnail) return none();
  const src = pictureAddress(row.arn, row.thumbnail);
  const before = line.querySelector("img.thumbnail");
  if (before?.getAttribute("src") === src) return before;
  const made = element("img", { class: "thumbnail", loading: "lazy", decoding: "async", alt: "", src, onerror: () => made.replaceWith(none()) });
  return made;
}

function fill(line, row) {
  const outcome = outcomeOf(row);
  const before = line.querySelector("a");
  const focused = before !== null && before === document.activeElement;
  line.dataset.started = row.started;
  line.replaceChildren(
    cell("outcome", outcome ? element("span", { class: outcomeClass(outcome) }, outcomeInWords(outcome)) : ""),
    cell("key", thumbnail(line, row), element("a", { href: address(row.arn), tabindex: before?.tabIndex ?? -1, title: row.key ?? row.name }, row.key ?? (row.read ? row.name : "..."))),
    cell("place", row.place_type ?? ""),
    cell("reason", row.reason ?? ""),
    cell("status", row.status),
    cell("seconds", seconds(row.stopped === null ? null : row.stopped - row.started)),
    cell("started", element("time", { datetime: new Date(row.started * 1000).toISOString() }, moment(row.started))),
  );
  mark(line, row.arn);
  if (focused) line.querySelector("a").focus();
}

function mark(line, arn) {
  if (arn === selected) line.setAttribute("aria-current", "true");
  else line.removeAttribute("aria-current");
}

const fits = (row) => {
  const [search, outcome, reason, status] = filters.map((filter) => filter.value);
  return (
    (row.key ?? row.name).toLowerCase().includes(search.trim().toLowerCase()) &&
    (!outcome || outcomeOf(row) === outcome) &&
    (!reason || (row.reason ?? "") === reason) &&
    (!status || row.status === status)
  );
};

function place(line, row) {
  const after = [...body.rows].find((other) => Number(other.dataset.started) < row.started);
  body.insertBefore(line, after ?? null);
}

function refreshFilters() {
  const known = [...rows.values()];
  const offer = (id, every, values) =>
    setOptions(byId(id), [["", every], ...[...new Set(values)].filter(Boolean).sort().map((it) => [it, id === "outcome" ? outcomeInWords(it) : it])]);
  offer("outcome", "All", known.map(outcomeOf));
  offer("reason", "All", known.map((row) => row.reason));
  offer("status", "All", known.map((row) => row.status));
}

export function applyFilters() {
  let shown = 0;
  for (const [arn, line] of lines) {
    line.hidden = !fits(rows.get(arn));
    shown += !line.hidden;
  }
  const filtered = filters.some((filter) => filter.value.trim());
  byId("clear").hidden = !filtered;
  byId("count").textContent =
    (filtered ? `${shown} of ${rows.size} executions` : `${rows.size} execution${rows.size === 1 ? "" : "s"}`) + counting;
  counted = counting;
  for (const [name, value] of [["reason", "reason"], ["place", "place_type"]]) {
    byId("executions").classList.toggle(`without-${name}`, ![...rows.values()].some((row) => row[value]));
  }
  byId("empty").hidden = shown > 0;
  byId("empty").textContent = rows.size ? "No execution fits these filters." : empty;
  makeOneReachable();
}

let counting = ""; // what is still to be read, in words
let counted = null; // what of it is on the page
let empty = "";

// Tab reaches one row. The arrow keys move between rows.
function makeOneReachable() {
  const links = visibleLinks();
  const kept = links.find((link) => link.tabIndex === 0) ?? links[0];
  for (const link of body.querySelectorAll('a[tabindex="0"]')) link.tabIndex = -1;
  if (kept) kept.tabIndex = 0;
}

const visibleLinks = () => [...body.querySelectorAll("tr:not([hidden]) a")];

function moveFocus(event) {
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
  const step = steps[event.key];
  const links = step ? visibleLinks() : [];
  if (!links.length) return;
  event.preventDefault();
  // From the table itself, any of these keys goes to a row.
  const to = Math.min(links.length - 1, Math.max(0, links.indexOf(event.target) + step));
  for (const link of links) link.tabIndex = -1;
  links[to].tabIndex = 0;
  links[to].focus();
}

export function clear({ addressOf, whenEmpty }) {
  rows.clear();
  lines.clear();
  body.replaceChildren();
  address = addressOf;
  empty = whenEmpty;
  counted = null;
  refreshFilters();
  for (const filter of filters) filter.value = "";
}

// Adds the rows of an answer, and returns the new ones.
export function take(answer) {
  const first = rows.size === 0;
  const fresh = [];
  const made = [];
  for (const row of answer.rows) {
    const line = lines.get(row.arn) ?? element("tr", { role: "row" });
    fill(line, row);
    if (!lines.has(row.arn)) {
      fresh.push(row);
      made.push([line, row]);
    }
    lines.set(row.arn, line);
    rows.set(row.arn, row);
  }
  made.sort((a, b) => b[1].started - a[1].started);
  if (made.length > 20) {
    // Many at once: in one go, in their order.
    const all = [...lines].map(([arn, line]) => [line, rows.get(arn)]).sort((a, b) => b[1].started - a[1].started);
    body.append(...all.map(([line]) => line));
  } else {
    for (const [line, row] of made.reverse()) place(line, row);
  }
  counting = answer.unread ? `; reading ${answer.unread} of them` : "";
  byId("older").hidden = !answer.more;
  if (answer.rows.length) refreshFilters();
  if (answer.rows.length || counting !== counted) applyFilters();
  return first ? [] : fresh;
}

export function select(arn) {
  selected = arn;
  for (const [known, line] of lines) mark(line, known);
}

export const find = (fitting) => [...rows.values()].find(fitting);

export const outcome = (arn) => rows.get(arn) && outcomeOf(rows.get(arn));

export const focusOn = (arn) => lines.get(arn)?.querySelector("a")?.focus();

for (const filter of filters) filter.addEventListener("input", applyFilters);
byId("clear").addEventListener("click", () => {
  for (const filter of filters) filter.value = "";
  applyFilters();
  byId("search").focus();
});
byId("executions").addEventListener("keydown", moveFocus);
byId("search").addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") moveFocus(event);
});
body.addEventListener("click", (event) => {
  // The whole row is the link, for a mouse.
  if (!event.target.closest("a")) event.target.closest("tr")?.querySelector("a")?.click();
});
