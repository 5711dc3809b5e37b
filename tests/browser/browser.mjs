// Headless Chromium for the tests of pages, and what they need of a page.

import { readFileSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const given = JSON.parse(process.env.SAFELIGHT_BROWSER_TESTS);

export const launch = () => chromium.launch({ executablePath: given.chromium, args: FLAGS, timeout: given.patience });

// Opens the console's page by the address that it printed; keeps what went wrong, and what was asked of whom.
export async function openConsole(browser, { hash = "", ...settings } = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...settings });
  const page = await context.newPage();
  page.setDefaultTimeout(given.patience);
  const seen = { errors: [], hosts: new Set() };
  page.on("pageerror", (error) => seen.errors.push(error.message));
  page.on("console", (message) => {
    // A picture that is not there is told in its place; the browser tells of it too.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) seen.errors.push(message.text());
  });
  page.on("dialog", (dialog) => {
    seen.errors.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  context.on("request", (request) => seen.hosts.add(new URL(request.url()).host));
  await page.goto(given.url);
  if (hash) await page.evaluate((to) => (location.hash = to), hash);
  await page.waitForFunction(() => /^\d+ executions?$/.test(document.querySelector("#count").textContent));
  return { page, seen, close: () => context.close() };
}

// Opens the console as it is without a workflow.
export async function openWithoutWorkflow(browser, { deliveries, redactions } = {}) {
  const page = await browser.newPage();
  page.setDefaultTimeout(given.patience);
  await page.route("**/api/start?*", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), workflows: [] } });
  });
  if (deliveries) await page.route("**/api/deliveries?*", (route) => route.fulfill({ json: deliveries }));
  if (redactions) await page.route("**/api/redactions?*", (route) => route.fulfill({ json: redactions }));
  await page.goto(given.url);
  return page;
}

// Drops a file on the page, as a file manager does.
export async function drop(page, { file, name = path.basename(file), placeType = "park" }) {
  await page.fill("#place-type", placeType);
  const data = readFileSync(file).toString("base64");
  const transfer = await page.evaluateHandle(
    ([encoded, called]) => {
      const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
      const carried = new DataTransfer();
      carried.items.add(new File([bytes], called));
      return carried;
    },
    [data, name],
  );
  await page.dispatchEvent("body", "dragenter", { dataTransfer: transfer });
  await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
}

// Waits until the execution that is shown has ended.
export async function outcome(page, { key }) {
  await page.waitForFunction((wanted) => document.querySelector("#detail h2 .key")?.textContent === wanted, key);
  await page.waitForSelector("#detail h2 .outcome:not(.o-running)");
  return page.textContent("#detail h2 .outcome");
}

export const states = (page, status) => page.locator(`#detail .visit.v-${status} .state`).allTextContents();

export const coloured = (page, status) =>
  page.locator(`#detail .workflow-diagram .state.${status}`).evaluateAll((nodes) => nodes.map((node) => node.dataset.state));

export const keys = (page) => page.locator("#rows tr:not([hidden]) a").allTextContents();

// Writes a picture for the docs, where that is asked for.
export async function screenshot(page, name, { height = 1560 } = {}) {
  if (!given.screenshots) return;
  if (name !== "list") await page.setViewportSize({ width: 1440, height });
  await page.locator("img").evaluateAll((images) => Promise.all(images.map((image) => image.decode().catch(() => null))));
  await page.screenshot({ path: path.join(given.screenshots, `console-${name}.png`) });
}

// Runs on a page. WCAG 2.2, 1.4.3: the contrast of text and its background, 4.5 for text of any size and weight.
export function leastContrasts() {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], below) => [...[r, g, b].map((part, at) => part * a + below[at] * (1 - a)), 1];
  const behind = (node) => {
    if (node === null) return [255, 255, 255, 1];
    const own = rgba(getComputedStyle(node).backgroundColor);
    return own[3] === 1 ? own : over(own, behind(node.parentElement));
  };
  const luminance = (color) => {
    const [r, g, b] = color.slice(0, 3).map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const shown = [...document.querySelectorAll("body *:not(svg *)")].filter(
    (node) => node.checkVisibility() && [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim()),
  );
  return shown.flatMap((node) => {
    const below = behind(node);
    const lights = [luminance(over(rgba(getComputedStyle(node).color), below)), luminance(below)].sort((a, b) => b - a);
    const contrast = (lights[0] + 0.05) / (lights[1] + 0.05);
    return contrast < 4.5 ? [`${contrast.toFixed(2)}: ${node.tagName} ${node.className} ${node.textContent.slice(0, 40)}`] : [];
  });
}
