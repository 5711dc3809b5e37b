// The page of deliveries in a browser, by what its user does.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { given, launch, leastContrasts, openConsole, openWithoutWorkflow, screenshot } from "./browser.mjs";

const COFFEE = "public/coffee.jpg";

let browser;

before(async () => {
  browser = await launch();
});

after(() => browser.close());

// A test of its own page, which must raise no error and ask nobody else.
function onPage(name, body, settings) {
  test(name, async () => {
    const { page, seen, close } = await openConsole(browser, settings);
    await page.getByRole("link", { name: "Delivery" }).click();
    await choose(page, COFFEE);
    await body(page);
    assert.deepEqual(seen.errors, []);
    assert.deepEqual([...seen.hosts], [new URL(given.url).host]);
    await close();
  });
}

// The page has chosen the first image itself. Its answer to that is not waited for.
async function choose(page, key) {
  await page.getByRole("button", { name: key }).click();
  await answered(page);
  assert.equal(await page.textContent("#result h2"), key);
}

// Changes a control, and waits for the answer.
async function set(page, name, value) {
  const control = page.locator(`[name=${name}]`);
  if ((await control.evaluate((it) => it.tagName)) === "SELECT") await control.selectOption(value);
  else {
    await control.fill(value);
    await control.press("Tab");
  }
  await answered(page);
}

async function choosePreset(page) {
  await page.selectOption("[name=preset]", "card");
  await shownCard(page);
}

async function shownCard(page) {
  await page.waitForFunction(() => document.querySelector("#result figure:last-child .facts")?.textContent.startsWith("320 x 213"));
  assert.equal(await request(page), `/${COFFEE}?preset=card`);
}

// The request is empty from the change of a control until it is written, and the earlier answer goes only then.
const answered = (page) => page.waitForFunction(() => document.querySelector("#text").value && document.querySelector("#result .answer"));
const facts = (page) => page.textContent("#result figure:last-child .facts");
const request = (page) => page.inputValue("#text");

test("the console opens on the deliveries if no workflow is deployed", async () => {
  const page = await openWithoutWorkflow(browser);
  await page.waitForURL("**/delivery");
  await page.getByRole("button", { name: COFFEE }).waitFor();
  await page.close();
});

onPage("an image is fetched through its delivery, and shown beside its original at the same scale", async (page) => {
  assert.match(await facts(page), /^640 x 427 +\u00b7 +[\d.]+ kB +\u00b7 +image\/avif$/);
  await page.waitForFunction(() => [...document.querySelectorAll("#result img")].every((image) => image.naturalWidth > 0 && image.style.width));
  const [original, result] = await page.locator("#result img").evaluateAll((images) => images.map((image) => [image.naturalWidth, image.getBoundingClientRect().width]));
  assert.deepEqual([original[0], result[0]], [2400, 640]);
  assert.ok(Math.abs(result[1] / original[1] - 640 / 2400) < 0.01);
  assert.match(await page.textContent("#result .facts-table"), /Stored in the results bucket before(yes|no)yes/);
  await set(page, "width", "960");
  await page.waitForFunction(() => document.querySelector("#result .facts-table") && document.querySelector("#result img").naturalWidth > 0);
  await screenshot(page, "delivery", { height: 1040 });
});

onPage("controls write a request that is signed where it must be, in each form, and its text can be edited", async (page) => {
  await set(page, "width", "300");
  assert.equal(await request(page), `/${COFFEE}?width=300`);
  assert.match(await facts(page), /^300 x 200/);
  assert.match(await page.textContent("#result .copies"), /URL, signed.*signature=/);
  await page.selectOption("#form", "thumbor");
  await page.waitForFunction(() => document.querySelector("#text").value.startsWith("/unsafe/"));
  await answered(page);
  assert.equal(await request(page), `/unsafe/fit-in/300x0/filters:no_upscale()/${COFFEE}`);
  await page.fill("#text", `/unsafe/100x100/filters:grayscale():format(png)/${COFFEE}`);
  await page.getByRole("button", { name: "Fetch" }).click();
  await page.waitForFunction(() => document.querySelector("#result figure:last-child .facts")?.textContent.startsWith("100 x 100"));
  assert.match(await facts(page), /image\/png$/);
});

onPage("a preset clears the other controls", async (page) => {
  await page.getByLabel("Grayscale").check();
  await choosePreset(page);
});

onPage("the page starts with the preset that its address names", async (page) => {
  await page.goto(`${new URL(given.url).origin}/delivery?preset=card`);
  await shownCard(page);
});

onPage("the reason of a refusal is a sentence", async (page) => {
  await choosePreset(page);
  await set(page, "width", "300");
  assert.equal(await page.textContent("#result .error"), "The preset says width already. (width)");
  assert.match(await page.textContent("#result .heading"), /Status 400/);
});

onPage("an error of the console takes the place of the notice that an image is fetched", async (page) => {
  await page.route("**/api/delivery/fetch?*", (route) => route.fulfill({ status: 500, json: { error: "The bucket is gone." } }));
  await page.getByRole("button", { name: "Fetch" }).click();
  await page.getByRole("alert").getByText("The bucket is gone.").waitFor();
  assert.equal(await page.textContent("#result"), "The bucket is gone.");
});

onPage("an error of the console is a sentence", async (page) => {
  await page.fill("#text", "no slash");
  await page.getByRole("button", { name: "Fetch" }).click();
  await page.getByRole("alert").getByText("Begin the request with a slash and a path, or with the URL of the delivery.").waitFor();
});

onPage(
  "the URL and the snippet are copied",
  async (page) => {
    await choosePreset(page);
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await page.getByRole("button", { name: "Copy URL" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    assert.match(await copied(), /^https:\/\/[^/]+\/public\/coffee\.jpg\?preset=card$/);
    await page.getByRole("button", { name: "Copy snippet" }).click();
    await page.waitForFunction(() => document.querySelector("#news").textContent === "HTML copied.");
    assert.match(await copied(), /^<img\s+src="https:.*preset=card"\s+width="320"\s+height="213"/);
    await page.selectOption("[name=preset]", "");
    await set(page, "width", "500");
    await page.waitForFunction(() => document.querySelector("#result figure:last-child .facts")?.textContent.startsWith("500 x 333"));
    await page.getByRole("button", { name: "Copy snippet" }).click();
    await page.waitForFunction(() => document.querySelector("#news").textContent === "HTML copied.");
    assert.match(await copied(), /^<img\s+src="https:[^"]*width=500[^"]*"\s[^>]*\swidth="500"\s+height="333"/);
  },
  { permissions: ["clipboard-read", "clipboard-write"] },
);

onPage(
  "the page of deliveries is legible, named and narrow, in light and dark",
  async (page) => {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await page.evaluate(leastContrasts), [], colorScheme);
    }
    const found = await page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      isBelow: document.querySelector("#result").getBoundingClientRect().top >= document.querySelector("#fetch").getBoundingClientRect().bottom,
      nameless: [...document.querySelectorAll("button, input, select, textarea, a")]
        .filter((it) => !(it.labels?.[0]?.textContent || it.textContent || it.getAttribute("aria-label")).trim())
        .map((it) => it.outerHTML),
    }));
    assert.deepEqual(found, { width: 390, isBelow: true, nameless: [] });
  },
  { viewport: { width: 390, height: 800 }, reducedMotion: "reduce" },
);
