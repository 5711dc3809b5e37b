// The console in a browser, by what its user does.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { coloured, drop, given, keys, launch, leastContrasts, openConsole, openWithoutWorkflow, outcome, screenshot, states } from "./browser.mjs";

const HOSTILE = `<img src=x onerror="window.ran=1"><script>window.ran=2<\u2215script>&amp;'.jpg`;
const PUBLISHED = ["Folder marker?", "Claim", "Get place type from DynamoDB", "Route?", "Prepare", "Checks", "Check", "Verdict?", "Render", "Publish"];
const MANY = `#/${encodeURIComponent(given.many)}`;

const COFFEE = "console-park/coffee.jpg";
const BROKEN = "console-park/broken.jpg";
const ASTRONAUT = "console-restaurant/astronaut.jpg";
const SIGN = "console-sign/sign.jpg";

let browser;
let dropping; // the page that all that is shown was dropped on

before(async () => {
  browser = await launch();
  dropping = await openConsole(browser);
  const drops = [
    { file: given.samples.landscape, key: COFFEE },
    { file: given.samples.person, placeType: "restaurant", key: ASTRONAUT },
    { file: given.samples.landscape, name: "broken.jpg", key: BROKEN },
    { file: given.samples.landscape, name: "sign.jpg", placeType: "sign", key: SIGN },
    { file: given.samples.text, name: HOSTILE, key: `console-park/${HOSTILE}` },
  ];
  for (const { key, ...dropped } of drops) {
    if (dropped.name === HOSTILE) await takeList();
    await drop(dropping.page, dropped);
    await outcome(dropping.page, { key });
  }
});

after(() => browser.close());

// The picture of the list for the docs has photographs only.
async function takeList() {
  const { page, close } = await openConsole(browser);
  await screenshot(page, "list");
  await close();
}

// A test of its own page, which must raise no error and ask nobody else.
function onPage(name, body, settings) {
  test(name, async () => {
    const { page, seen, close } = await openConsole(browser, settings);
    await body(page);
    assert.deepEqual(seen.errors, []);
    assert.deepEqual([...seen.hosts], [new URL(given.url).host]);
    await close();
  });
}

async function choose(page, key) {
  await page.locator("#rows a", { hasText: key }).first().click();
  await page.waitForFunction((wanted) => document.querySelector("#detail h2 .key")?.textContent === wanted, key);
}

onPage("the path of an image that is published is shown", async (page) => {
  await choose(page, COFFEE);
  assert.equal(await outcome(page, { key: COFFEE }), "Published");
  // Each check is a visit to the state inside the Map.
  assert.deepEqual([...new Set(await states(page, "passed"))], PUBLISHED);
  assert.deepEqual((await coloured(page, "passed")).sort(), [...PUBLISHED].sort());
  await screenshot(page, "published");
});

onPage("the upload and its renditions are shown side by side with dimensions and bytes", async (page) => {
  await choose(page, COFFEE);
  const captions = await page.locator("#detail figcaption").allTextContents();
  assert.match(captions[0], /^Upload2400 x 1600\s+·\s+[\d.]+ kB\s+·\s+JPEG$/);
  assert.match(captions[1], /^tile400 x 400\s+·\s+[\d.]+ kB/);
  assert.match(captions[2], /^scaled600 x 400\s+·\s+[\d.]+ kB/);
  await page.waitForFunction(() => [...document.querySelectorAll("#detail .picture img")].every((image) => image.complete));
  const widths = await page.locator("#detail .picture img").evaluateAll((images) => images.map((image) => image.naturalWidth));
  assert.deepEqual(widths, [2400, 400, 600]);
});

onPage("an image that is rejected is shown with its reason and the way it went", async (page) => {
  await choose(page, ASTRONAUT);
  assert.equal(await outcome(page, { key: ASTRONAUT }), "Rejected");
  assert.match(await page.textContent("#detail .why"), /NO_PEOPLE_ALLOWED/);
  assert.equal((await states(page, "passed")).at(-1), "Rejected");
  const passed = await coloured(page, "passed");
  assert.deepEqual([passed.includes("RecordFailState"), passed.includes("Publish")], [true, false]);
  assert.match(await page.textContent("#detail .check-list"), /Rejected\s*no_people/);
  await screenshot(page, "rejected");
});

onPage("a reason is explained in words, and a box is drawn where the person is", async (page) => {
  await choose(page, ASTRONAUT);
  assert.match(await page.textContent("#detail .why"), /^NO_PEOPLE_ALLOWED\s*people: 1/);
  assert.doesNotMatch((await page.textContent("#detail .why")) + (await page.textContent("#detail .check-list")), /[{}\[\]"]/);
  await page.waitForFunction(() => document.querySelector("#detail .picture img").naturalWidth > 0);
  const record = JSON.parse(await page.locator('#detail .attributes > div:has(dt:text-is("checks")) pre').textContent());
  const { box } = record.find((check) => check.check === "no_people").detail.boxes[0];
  assertDrawn((await drawnBoxes(page))[0], box);
});

onPage("boxes are drawn where required labels and words are", async (page) => {
  await choose(page, SIGN);
  await page.waitForFunction(() => document.querySelector("#detail .picture img").naturalWidth > 0);
  const boxes = await drawnBoxes(page);
  assert.deepEqual(boxes.map((box) => box.label).sort(), ["Cup 91 %", "New York 97 %"]);
  assertDrawn(boxes.find((box) => box.label.startsWith("Cup")), { left: 0.25, top: 0.5, width: 0.25, height: 0.4 });
  assertDrawn(boxes.find((box) => box.label.startsWith("New York")), { left: 0.6, top: 0.1, width: 0.3, height: 0.05 });
});

// The boxes on the first picture, in fractions of its sides.
const drawnBoxes = (page) =>
  page.evaluate(() => {
    const image = document.querySelector("#detail .picture img").getBoundingClientRect();
    return [...document.querySelectorAll("#detail .picture:first-child .box")].map((made) => {
      const found = made.getBoundingClientRect();
      return {
        label: made.textContent,
        left: (found.left - image.left) / image.width,
        top: (found.top - image.top) / image.height,
        width: found.width / image.width,
        height: found.height / image.height,
      };
    });
  });

function assertDrawn(drawn, box) {
  for (const side of ["left", "top", "width", "height"]) {
    assert.ok(Math.abs(drawn[side] - box[side]) < 0.02, `${side}: ${drawn[side]} is not ${box[side]}`);
  }
}

onPage("the graph shows the whole path at a legible size, and Tab follows it from the start state", async (page) => {
  await choose(page, COFFEE);
  await page.waitForFunction(() => document.querySelector("#detail .workflow-diagram:not(.natural)"));
  const { scale, outside } = await page.evaluate(() => {
    const picture = document.querySelector("#detail .workflow-diagram");
    const frame = picture.getBoundingClientRect();
    const names = [...picture.querySelectorAll(".state[data-visited]")];
    const isOutside = (box) => box.top < frame.top || box.bottom > frame.bottom || box.left < frame.left || box.right > frame.right;
    return {
      scale: frame.width / picture.viewBox.baseVal.width,
      outside: names.filter((node) => isOutside(node.getBoundingClientRect())).map((node) => node.dataset.state),
    };
  });
  assert.ok(scale >= 0.89, `a scale of ${scale}`);
  assert.deepEqual(outside, []);
  const order = [];
  await page.focus("#detail .stage");
  for (let tabs = 0; tabs < PUBLISHED.length; tabs++) {
    await page.keyboard.press("Tab");
    order.push(await page.evaluate(() => document.activeElement.dataset.state));
  }
  assert.deepEqual(order, PUBLISHED);
});

onPage("no name of a state touches its box", async (page) => {
  await choose(page, COFFEE);
  const tight = await page.evaluate(() => {
    const nodes = [...document.querySelectorAll("#detail .workflow-diagram .node.state")];
    const room = (node, text) => (node.querySelector("rect").getBBox().width - text.getBBox().width) / 2;
    return nodes.flatMap((node) => [...node.querySelectorAll("text")].filter((text) => room(node, text) < 5).map((text) => text.textContent));
  });
  assert.deepEqual(tight, []);
});

onPage(
  "on a narrow screen the graph follows its heading and shows the first state of the path",
  async (page) => {
    await choose(page, COFFEE);
    await page.waitForFunction(() => document.querySelector("#detail .workflow-diagram:not(.natural)"));
    const { below, inside } = await page.evaluate(() => {
      const heading = [...document.querySelectorAll("#detail h3")].find((it) => it.textContent === "Path").getBoundingClientRect();
      const stage = document.querySelector("#detail .stage").getBoundingClientRect();
      const first = document.querySelector("#detail .state[data-visited]").getBoundingClientRect();
      return { below: stage.top - heading.bottom, inside: first.left >= stage.left && first.right <= stage.right && first.top >= stage.top };
    });
    assert.ok(below >= 0 && below < 40, `${below} pixels below the heading`);
    assert.ok(inside);
  },
  { viewport: { width: 390, height: 844 } },
);

onPage("only uploads that were published have a thumbnail in the list", async (page) => {
  const row = (key) => page.locator("#rows tr", { has: page.locator("a", { hasText: key }) }).first();
  const image = row(COFFEE).locator("img.thumbnail");
  await image.scrollIntoViewIfNeeded();
  await page.waitForFunction((shown) => shown.complete && shown.naturalWidth > 0, await image.elementHandle());
  assert.match(await image.getAttribute("src"), /^\/picture\?/);
  assert.equal(await image.getAttribute("loading"), "lazy");
  const { width, height } = await image.boundingBox();
  assert.deepEqual([width, height], [30, 30]);
  for (const key of [ASTRONAUT, BROKEN]) assert.equal(await row(key).locator("img").count(), 0, key);
});

onPage("the arrow keys go from the search and from the table into the list", async (page) => {
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  const order = await keys(page);
  await page.focus("#search");
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), order[0]);
  await page.focus("#executions");
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), order[0]);
});

onPage("an image that fails is shown with the state that was caught and the one that it failed in", async (page) => {
  await choose(page, BROKEN);
  assert.equal(await outcome(page, { key: BROKEN }), "Failed");
  assert.match(await page.textContent("#detail .why"), /CheckNotMade.*Rekognition is not for you/);
  assert.deepEqual(await coloured(page, "caught"), ["Check"]);
  assert.deepEqual(await coloured(page, "failed"), ["Failed"]);
  assert.ok((await states(page, "passed")).includes("RecordError"));
  await screenshot(page, "failed");
});

onPage("a key full of markup is text and never runs", async (page) => {
  const key = `console-park/${HOSTILE}`;
  assert.ok((await keys(page)).includes(key));
  await choose(page, key);
  await page.waitForSelector("#detail .no-picture");
  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.equal(await page.locator("img[src=x]").count(), 0);
});

onPage("input and output of a state are shown on a click, in the list of states and in the graph", async (page) => {
  await choose(page, COFFEE);
  await page.locator("#detail .visit", { hasText: "Prepare" }).first().click();
  assert.match(await page.textContent("#detail .data h4"), /^Prepare/);
  assert.match(await page.textContent("#detail .data"), /"width": 2400/);
  await page.locator('#detail .state[data-state="Publish"]').click();
  assert.match(await page.textContent("#detail .data h4"), /^Publish/);
  await page.getByRole("button", { name: "Zoom to fit" }).click();
  await page.locator('#detail .state[data-state="RecordError"]').click();
  assert.match(await page.textContent("#detail .data h4"), /^Publish/, "a state that was not visited has nothing to show");
});

onPage("an execution that somebody else starts appears without a reload, and is told to a screen reader", async (page) => {
  const name = `small-${Date.now()}.jpg`;
  const other = await openConsole(browser);
  await drop(other.page, { file: given.samples.small, name });
  await page.waitForFunction((wanted) => document.querySelector("#rows").textContent.includes(wanted), name);
  await page.waitForFunction(() => document.querySelector("#news").textContent.includes("New execution"));
  await outcome(other.page, { key: `console-park/${name}` });
  await other.close();
  await page.waitForFunction(
    (wanted) => [...document.querySelectorAll("#rows tr")].some((row) => row.textContent.includes(wanted) && row.textContent.includes("IMAGE_TOO_SMALL")),
    name,
  );
});

onPage("executions are filtered by outcome, reason and status, and found by key", async (page) => {
  const cells = (name) => page.locator(`#rows tr:not([hidden]) .c-${name}`).allTextContents();
  const all = (await keys(page)).length;
  for (const [filter, value, cell, words] of [
    ["outcome", "FAILED", "outcome", "Failed"],
    ["reason", "NO_PEOPLE_ALLOWED", "reason", "NO_PEOPLE_ALLOWED"],
    ["status", "FAILED", "status", "FAILED"],
  ]) {
    await page.selectOption(`#${filter}`, value);
    const shown = await cells(cell);
    assert.ok(shown.length > 0 && shown.length < all, filter);
    assert.deepEqual([...new Set(shown)], [words]);
    await page.click("#clear");
    assert.equal((await keys(page)).length, all);
  }
  await page.fill("#search", "ASTRO");
  assert.deepEqual([...new Set((await keys(page)).map((key) => /astro/.test(key)))], [true]);
  await page.fill("#search", "nothing of this name");
  assert.equal(await page.textContent("#empty"), "No execution fits these filters.");
});

onPage("a filter without values still offers all", async (page) => {
  const words = await page.evaluate(async () => {
    const { setOptions } = await import("/page/dom.js");
    const select = document.createElement("select");
    setOptions(select, [["", "All"]]);
    return [...select.options].map((option) => option.textContent);
  });
  assert.deepEqual(words, ["All"]);
});

onPage("an execution that is opened is named at once, while it is read", async (page) => {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.route("**/api/execution?*", async (route) => {
    await released;
    await route.continue();
  });
  await page.locator("#rows a", { hasText: COFFEE }).first().click();
  await page.waitForFunction(
    (key) => document.querySelector("#detail h2")?.textContent === key && document.querySelector("#detail").textContent.includes("Reading the execution ..."),
    COFFEE,
  );
  // The answer for an execution that is no longer wanted is not shown.
  await page.locator("#rows a", { hasText: ASTRONAUT }).first().click();
  await page.waitForFunction((key) => document.querySelector("#detail h2")?.textContent === key, ASTRONAUT);
  release();
  await page.waitForFunction((key) => document.querySelector("#detail h2 .key")?.textContent === key, ASTRONAUT);
  assert.doesNotMatch(await page.textContent("#detail"), /Reading the execution/);
});

onPage(
  "the duration in a narrow list is in line with the outcome, also where no row has a reason",
  async (page) => {
    for (const without of [false, true]) {
      const edges = await page.evaluate((hide) => {
        document.querySelector("#executions").classList.toggle("without-reason", hide);
        const right = (row, name) => Math.round(row.querySelector(`.c-${name}`).getBoundingClientRect().right);
        return [...document.querySelectorAll("#rows tr")].map((row) => [right(row, "outcome"), right(row, "seconds")]);
      }, without);
      assert.ok(edges.length > 0);
      assert.deepEqual(edges.filter(([outcome, duration]) => outcome !== duration), []);
    }
  },
  { viewport: { width: 390, height: 800 } },
);

onPage("an execution is opened, read and closed by keyboard alone", async (page) => {
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  const order = await keys(page);
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "search");
  for (let tabs = 0; tabs < 4; tabs++) await page.keyboard.press("Tab");
  assert.equal(await focused(), order[0]);
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused(), order.at(-2));
  await page.keyboard.press("Enter");
  await page.waitForSelector("#detail .visit");
  await page.waitForFunction(() => document.activeElement.id === "detail");
  await page.focus('#detail .state[data-state="Claim"]');
  await page.keyboard.press("Enter");
  assert.match(await page.textContent("#detail .data h4"), /^Claim/);
  await page.keyboard.press("Escape");
  await page.waitForSelector("#detail", { state: "hidden" });
  assert.equal(await focused(), order.at(-2));
});

onPage("every control has a name, and the list is a table to a screen reader", async (page) => {
  for (const role of ["searchbox", "combobox", "columnheader", "table"]) {
    assert.ok((await page.getByRole(role).count()) > 0, role);
  }
  const nameless = await page.locator("button, input, select, a").evaluateAll((all) =>
    all.filter((it) => !(it.labels?.[0]?.textContent || it.textContent || it.getAttribute("aria-label")).trim()).map((it) => it.outerHTML),
  );
  assert.deepEqual(nameless, []);
  assert.equal(await page.getByRole("row").count(), (await keys(page)).length + 1);
});

for (const colorScheme of ["light", "dark"]) {
  const settings = { viewport: { width: 390, height: 800 }, colorScheme, reducedMotion: "reduce" };
  const isWider = (page) => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  const name = `nothing is wider than a screen of 390 pixels, in ${colorScheme}`;
  onPage(
    name,
    async (page) => {
      assert.equal(await isWider(page), false);
      await choose(page, BROKEN);
      assert.equal(await isWider(page), false);
      assert.ok(await page.getByRole("button", { name: "All executions" }).isVisible());
    },
    settings,
  );
}

for (const colorScheme of ["light", "dark"]) {
  const name = `text has a contrast of at least 4.5 to 1, in ${colorScheme}`;
  onPage(
    name,
    async (page) => {
      assert.deepEqual(await page.evaluate(leastContrasts), []);
      for (const key of [COFFEE, ASTRONAUT, BROKEN]) {
        await choose(page, key);
        assert.deepEqual(await page.evaluate(leastContrasts), [], key);
      }
    },
    { colorScheme, reducedMotion: "reduce" },
  );
}

onPage(
  "a thousand executions are listed, searched and filtered",
  async (page) => {
    await page.waitForFunction(() => document.querySelectorAll("#rows tr").length === 1000);
    await page.waitForFunction(() => document.querySelector("#count").textContent === "1000 executions");
    await page.fill("#search", "photo-0042.jpg");
    assert.deepEqual(await keys(page), ["park/photo-0042.jpg"]);
    await page.fill("#search", "");
    await page.selectOption("#outcome", "REJECTED");
    assert.equal((await keys(page)).length, 500);
  },
  { hash: MANY },
);

test("without a workflow, a delivery and a redaction, the page says so and takes no files", async () => {
  const page = await openWithoutWorkflow(browser, { deliveries: [], redactions: [] });
  await page.getByText("No workflow is deployed here").waitFor();
  assert.equal(await page.isVisible("#drop"), false);
  await page.close();
});

test("dropping images raised no error, and asked nobody but the page's own server", () => {
  assert.deepEqual(dropping.seen.errors, []);
  assert.deepEqual([...dropping.seen.hosts], [new URL(given.url).host]);
});
