// Says where the page looks: this machine, or an account of AWS.

import { byId, element } from "./dom.js";

export function showWhere({ account, mayUpload }) {
  const where = byId("where");
  if (account === null) {
    where.replaceChildren(element("span", { class: "place local" }, "On this machine"));
    return;
  }
  where.replaceChildren(
    element("span", { class: "place account" }, `AWS account ${account.number}`),
    element("span", { class: "place" }, account.region),
    element("span", { class: "place" }, mayUpload ? "uploads allowed" : "read-only"),
  );
}
