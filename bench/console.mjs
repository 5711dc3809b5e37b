// Opens the console's page so many times, and prints what each took as JSON: milliseconds from the navigation on.
import { chromium } from "playwright-core";

const { url, rows, rounds, executablePath } = JSON.parse(process.argv[2]);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"] });
const taken = [];
for (let round = 0; round < rounds; round++) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    window.longest = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.longest = Math.max(window.longest, entry.duration)))).observe({ type: "longtask", buffered: true });
  });
  await page.goto(url);
  // The list is there, and a frame with it is painted: what is typed from now on is answered at once.
  const listed = await page.evaluate(
    (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (document.querySelectorAll("#rows tr").length < count) requestAnimationFrame(look);
          else requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
        };
        look();
      }),
    rows,
  );
  await page.waitForFunction(() => /^\d+ executions$/.test(document.getElementById("count").textContent));
  const keys = await page.evaluate(() => performance.now());
  // From a key press to the frame that shows what is left.
  const filtered = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const start = performance.now();
        const search = document.getElementById("search");
        search.value = "photo-0042";
        search.dispatchEvent(new Event("input"));
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
      }),
  );
  taken.push({ listed, keys, filtered, longest: await page.evaluate(() => window.longest) });
  await context.close();
}
await browser.close();
console.log(JSON.stringify(taken));
