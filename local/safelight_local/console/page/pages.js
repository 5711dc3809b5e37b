// The links between the pages: only to those that have something to show.

import { get } from "./api.js";
import { byId } from "./dom.js";

// Returns what is deployed of each page. Null where it is not known: then its page tells why.
export async function showPages() {
  const [deliveries, redactions] = await Promise.all(["/api/deliveries", "/api/redactions"].map((path) => get(path).catch(() => null)));
  byId("to-delivery").hidden = deliveries?.length === 0;
  byId("to-redactions").hidden = redactions?.length === 0;
  return { deliveries, redactions };
}
