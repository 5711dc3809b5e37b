// The page: it selects workflow and execution, and polls for changes.

import { get, post } from "./api.js";
import * as detail from "./detail.js";
import { byId, setOptions, trouble } from "./dom.js";
import { outcomeInWords, visible } from "./format.js";
import * as list from "./list.js";
import { showPages } from "./pages.js";
import { keepLooking, lookNow } from "./polling.js";
import * as upload from "./upload.js";
import { showWhere } from "./where.js";

let start = null;
let chosen = { workflow: undefined, arn: null }; // undefined until the address is read, null without a workflow
let since = 0;
let live = false; // whether the execution that is shown still runs
let noHistory = false; // whether Step Functions keeps no executions of the workflow

const addressOf = (arn) => `#/${[chosen.workflow, arn].map(encodeURIComponent).join("/")}`;

function readAddress() {
  const [workflow, arn] = location.hash.replace(/^#\//, "").split("/").map(decodeURIComponent);
  return { workflow: start.workflows.includes(workflow) ? workflow : start.workflows[0] ?? null, arn: arn || null };
}

async function showWorkflow() {
  since = 0;
  list.clear({
    addressOf,
    whenEmpty: start.mayUpload ? "No execution yet: drop an image above to start one." : "No execution yet.",
  });
  if (chosen.workflow === null) {
    byId("note").hidden = false;
    byId("note").textContent = start.account
      ? "No Safelight workflow is deployed in this account and region, or in this stack."
      : "No workflow is deployed here: run safelight up in the folder of a CDK app that has one, and load this page again.";
    return;
  }
  byId("workflow").value = chosen.workflow;
  const workflow = await get("/api/workflow", { workflow: chosen.workflow });
  byId("note").hidden = workflow.note === null;
  byId("note").textContent = workflow.note ?? "";
  setOptions(byId("place-types"), workflow.placeTypes.map((type) => [type, type]));
  noHistory = workflow.note !== null;
}

async function showExecution() {
  list.select(chosen.arn);
  byId("panes").classList.toggle("with-detail", chosen.arn !== null);
  if (chosen.arn === null) {
    live = false;
    detail.hide();
    return;
  }
  const { arn } = chosen;
  const name = list.find((row) => row.arn === arn)?.key ?? arn.split(":").at(-1);
  const read = await detail.show({ workflow: chosen.workflow, arn, name, addressOf, onClose: close });
  if (read === null) return;
  const { view, isNew } = read;
  live = view.running;
  document.title = `${visible(view.key ?? view.name)} - Safelight console`;
  if (isNew) byId("detail").focus({ preventScroll: true });
}

function close() {
  const { arn } = chosen;
  document.title = "Safelight console";
  location.hash = addressOf("");
  list.focusOn(arn);
}

function tell(fresh) {
  if (!fresh.length) return;
  const outcome = list.outcome(fresh[0].arn);
  byId("news").textContent =
    fresh.length === 1 ? `New execution: ${visible(fresh[0].key ?? fresh[0].name)}${outcome ? `, ${outcomeInWords(outcome)}` : ""}` : `${fresh.length} new executions`;
}

async function look() {
  if (chosen.workflow === null || noHistory) return;
  const asked = chosen.workflow;
  const answer = await get("/api/executions", { workflow: asked, since });
  if (asked !== chosen.workflow) return;
  since = answer.version;
  tell(list.take(answer));
  trouble(answer.trouble ?? "");
  const started = upload.follow({ find: list.find, address: addressOf });
  if (started) location.hash = addressOf(started);
  if (live || answer.rows.some((row) => row.arn === chosen.arn)) await showExecution();
}

async function go() {
  const before = chosen.workflow;
  chosen = readAddress();
  try {
    if (chosen.workflow !== before) await showWorkflow();
    await showExecution();
  } catch (error) {
    trouble(error.message);
  }
  lookNow();
}

async function offerPages() {
  const { deliveries, redactions } = await showPages();
  byId("pages").hidden = deliveries?.length === 0 && redactions?.length === 0;
  if (start.workflows.length) return;
  if (deliveries?.length) location.replace("/delivery");
  else if (redactions?.length) location.replace("/redactions");
}

async function begin() {
  start = await get("/api/start");
  showWhere(start);
  offerPages();
  setOptions(byId("workflow"), start.workflows.map((name) => [name, name]));
  if (start.mayUpload && start.workflows.length) upload.allowUploads({ workflow: () => chosen.workflow });
  byId("workflow").addEventListener("change", (event) => (location.hash = `#/${encodeURIComponent(event.target.value)}`));
  byId("older").addEventListener("click", async () => {
    await post("/api/older", { workflow: chosen.workflow });
    lookNow();
  });
  addEventListener("hashchange", go);
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, select, textarea");
    if (event.key === "Escape" && chosen.arn !== null) close();
    if (event.key === "/" && !typing) {
      event.preventDefault();
      byId("search").focus();
    }
  });
  await go();
  keepLooking({ look, trouble, account: start.account });
}

begin().catch((error) => trouble(error.message));
