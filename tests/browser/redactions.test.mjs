// The page of redactions in a browser, by what its user does.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { given, launch, leastContrasts, openConsole, openWithoutWorkflow, screenshot } from "./browser.mjs";

let browser;

before(async () => {
  browser = await launch();
});

after(() => browser.close());

// A test of its own page, which must raise no error and ask nobody else.
function onPage(name, body, settings) {
  test(name, async () => {
    const { page, seen, close } = await openConsole(browser, settings);
    await page.getByRole("link", { name: "Redactions" }).click();
    await choose(page, "Faces/Redaction");
    await body(page);
    assert.deepEqual(seen.errors, []);
    assert.deepEqual([...seen.hosts], [new URL(given.url).host]);
    await close();
  });
}

async function choose(page, redaction) {
  await page.selectOption("#redaction", { label: redaction });
  await page.waitForSelector("#rows tr");
}

async function open(page, key) {
  await page.getByRole("link", { name: key, exact: true }).click();
  await page.waitForFunction((wanted) => document.querySelector("#detail h2 .key")?.textContent === wanted, key);
}

const loaded = (page, number) =>
  page.waitForFunction((wanted) => [...document.querySelectorAll(".compare img")].filter((image) => image.naturalWidth > 0).length === wanted, number);

const row = (page, key) => page.locator("#rows tr", { hasText: key });

test("the console opens on the redactions if nothing else is deployed", async () => {
  const page = await openWithoutWorkflow(browser, { deliveries: [] });
  await page.waitForURL("**/redactions");
  await page.waitForSelector("#rows tr");
  assert.equal(await page.isVisible("#to-delivery"), false);
  await page.close();
});

onPage("uploads are listed with their outcomes and how much is covered", async (page) => {
  assert.match(await row(page, "astronaut.jpg").textContent(), /^Redactedastronaut\.jpg1 face/);
  assert.match(await row(page, "coffee.jpg").textContent(), /^Redactedcoffee\.jpgnothing found/);
  assert.match(await row(page, "notes.jpg").textContent(), /^Rejectednotes\.jpgUNREADABLE_IMAGE/);
});

onPage("an upload that was rejected has a reason in the place of pictures", async (page) => {
  await open(page, "notes.jpg");
  await page.getByText("Nothing was written.").waitFor();
  await page.getByText("not of a type that browsers show").waitFor();
  assert.equal(await page.locator("#detail .why").textContent(), "UNREADABLE_IMAGE");
});

onPage("a hostile key is text", async (page) => {
  await choose(page, "Filmed/Redaction");
  const hostile = row(page, "onerror");
  assert.match(await hostile.textContent(), /^Rejectedin\/<img src=x onerror=alert\(1\)>"\\u202e4pm\.exe\.mp4HDR/);
  await hostile.click();
  await page.waitForFunction(() => document.querySelector("#detail h2 .key")?.textContent.includes("onerror=alert(1)"));
  assert.equal(await page.locator("#detail img").count(), 0);
});

onPage("a photograph is shown before and after, and its boxes can be hidden", async (page) => {
  await open(page, "astronaut.jpg");
  await loaded(page, 2);
  assert.match(await page.textContent("#detail .heading"), /Covered1 faceStylefilled with one colourSize1024 x 1024/);
  const placed = await page.evaluate(() => {
    const [image, box] = [".compare img", ".compare .box"].map((it) => document.querySelector(it).getBoundingClientRect());
    return [box.left - image.left, box.top - image.top, box.width, box.height].map((it) => Math.round((it / image.width) * 1024));
  });
  for (const [at, wanted] of given.face.entries()) assert.ok(Math.abs(placed[at] - wanted) <= 2, String(placed));
  await screenshot(page, "redaction", { height: 800 });
  const boxes = page.getByRole("button", { name: "Boxes" });
  assert.equal(await boxes.getAttribute("aria-pressed"), "true");
  await boxes.click();
  assert.equal(await page.isVisible(".compare .box"), false);
  assert.equal(await boxes.getAttribute("aria-pressed"), "false");
});

onPage("a redacted video has contact sheets, and plays from any place", async (page) => {
  await choose(page, "Filmed/Redaction");
  await open(page, "in/clip.mp4");
  await loaded(page, 2);
  const seconds = await page.evaluate(async () => {
    const video = document.querySelector("video");
    if (video.readyState < 1) await new Promise((resolve) => video.addEventListener("loadedmetadata", resolve, { once: true }));
    const sought = new Promise((resolve) => video.addEventListener("seeked", resolve, { once: true }));
    video.currentTime = 4;
    await sought;
    return [Math.round(video.duration), video.currentTime, video.videoWidth];
  });
  assert.deepEqual(seconds, [5, 4, 480]);
});

onPage("the progress of a video is shown while its chunks are worked on", async (page) => {
  await choose(page, "Filmed/Redaction");
  await open(page, "in/slow.mp4");
  await page.getByText("0 of 3 chunks", { exact: true }).waitFor();
  const bar = page.getByRole("progressbar", { name: "Finding faces" });
  assert.deepEqual([await bar.getAttribute("max"), await bar.getAttribute("value")], ["3", "0"]);
  assert.match(await row(page, "in/slow.mp4").textContent(), /finding faces \(0 of 3 chunks\)/);
});

onPage("Escape closes an upload, and its row has the focus again", async (page) => {
  await open(page, "astronaut.jpg");
  await page.keyboard.press("Escape");
  await page.waitForSelector("#detail", { state: "hidden" });
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "astronaut.jpg");
});

onPage(
  "the page of redactions is legible, named and narrow, in light and dark",
  async (page) => {
    const look = async (width) => {
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        assert.deepEqual(await page.evaluate(leastContrasts), [], colorScheme);
      }
      const found = await page.evaluate(() => ({
        width: document.documentElement.scrollWidth,
        nameless: [...document.querySelectorAll("button, select, a, img:not([alt]), video, progress")]
          .filter((it) => !(it.labels?.[0]?.textContent || it.textContent || it.getAttribute("aria-label") || "").trim())
          .map((it) => it.outerHTML),
      }));
      assert.deepEqual(found, { width, nameless: [] });
    };
    await look(390);
    await open(page, "astronaut.jpg");
    await loaded(page, 2);
    await look(390);
    await choose(page, "Filmed/Redaction");
    await open(page, "in/slow.mp4");
    await look(390);
  },
  { viewport: { width: 390, height: 800 }, reducedMotion: "reduce" },
);
