// The page in a headless Chromium: what it shows, that it sorts, searches, filters and switches its
// language, that names are text, and that nothing leaves it. How long it takes is printed, not judged.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const work = process.env.EYES;
const path = process.env.CHROMIUM || "/usr/bin/chromium";
let browser;
before(async () => {
  browser = await chromium.launch({
    executablePath: path,
    args: ["--no-sandbox", "--disable-gpu"],
  });
});
after(() => browser.close());

// A page, and what it complained of or asked for.
async function open(name, options = {}) {
  const page = await (
    await browser.newContext({ viewport: { width: 1240, height: 900 }, ...options })
  ).newPage();
  const wrong = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) wrong.push(message.text());
  });
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith("file:///")) wrong.push(request.url());
  });
  const began = performance.now();
  await page.goto(`file://${work}/${name}-out/report.html`);
  await page.waitForSelector("#contact-table tbody tr");
  return { page, wrong, took: performance.now() - began };
}

const rows = (name, table) =>
  readFileSync(`${work}/${name}-out/${table}.csv`, "utf8").trim().split("\n").length - 1;
const column = (page, table, n) =>
  page.$$eval(`#${table} tbody tr`, (all, n) => all.map((row) => row.cells[n].textContent), n);

test("the sample shows its numbers, and sorts, searches and filters", async () => {
  const { page, wrong } = await open("sample");
  const tiles = await page.$$eval(".tile b", (all) => all.map((tile) => tile.textContent));
  assert.equal(Number(tiles[1]), rows("sample", "contacts"));
  assert.equal((await column(page, "contact-table", 0))[0], "1");
  const minutes = page.locator("#contact-table th button").nth(4);
  await minutes.click();
  const up = (await column(page, "contact-table", 4)).map(Number);
  assert.deepEqual(
    up,
    up.toSorted((a, b) => a - b),
  );
  await minutes.click();
  const down = (await column(page, "contact-table", 4)).map(Number);
  assert.ok(down[0] >= up.at(-1) && down[0] >= down.at(-1));
  const person = (await column(page, "contact-table", 1))[0];
  await page.fill("#contact-table input[type=search]", person.toLowerCase());
  assert.deepEqual(await column(page, "contact-table", 1), [person]);
  await page.fill("#contact-table input[type=search]", "");
  const choice = page.locator("#contact-table select").first();
  const id = await choice.locator("option").nth(1).getAttribute("value");
  await choice.selectOption(id);
  assert.ok(
    (await column(page, "contact-table", 2)).every((cases) => cases.split(" ").includes(id)),
  );
  assert.deepEqual(wrong, []);
});

test("people are filtered by measure and by zone", async () => {
  const { page, wrong } = await open("sample");
  const [measure, , zone] = await page.locator("#people-table select").all();
  await measure.selectOption("spillover");
  assert.deepEqual([...new Set(await column(page, "people-table", 1))], ["spillover"]);
  const count = Number(
    (await page.textContent("#people-table .bar .soft")).match(/ (\d+) rows/)[1],
  );
  const text = readFileSync(`${work}/sample-out/measures.csv`, "utf8");
  assert.equal(count, text.split("\n").filter((row) => row.includes(",spillover,")).length);
  const id = await zone.locator("option").nth(1).getAttribute("value");
  await zone.selectOption(id);
  const in_zone = text.split("\n").filter((row) => row.includes(",spillover,") && row.includes(id));
  assert.equal(
    Number((await page.textContent("#people-table .bar .soft")).match(/ (\d+) rows/)[1]),
    in_zone.length,
  );
  assert.deepEqual(wrong, []);
});

test("every part of the page is there in both languages, and by keyboard", async () => {
  const { page, wrong } = await open("sample");
  for (const section of [
    "curve",
    "zones",
    "contacts",
    "tests",
    "people_all",
    "timeline",
    "graph",
    "rules",
    "account",
  ]) {
    assert.ok(await page.locator(`#${section} h2`).isVisible(), section);
  }
  assert.ok((await page.locator("#ego circle").count()) > 3);
  await page.locator("header button").focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("h1").textContent(), "流调溯源分析");
  assert.equal(await page.getAttribute("html", "lang"), "zh");
  await page.locator("#timeline summary").first().focus();
  await page.keyboard.press("Enter");
  assert.ok(await page.locator("#timeline details[open] svg").isVisible());
  assert.deepEqual(wrong, []);
});

test("an authority without zones gets a page that does not speak of them", async () => {
  const { page, wrong } = await open("who");
  for (const language of [0, 1]) {
    if (language) await page.locator("header button").click();
    const text = await page.textContent("#page");
    for (const word of ["Notice", "《通知》", "door", "high-risk", "高风险", "风险区", "spillover"])
      assert.ok(!text.includes(word), word);
  }
  assert.equal(await page.locator("#zones").count(), 0);
  assert.ok(
    !existsSync(`${work}/who-out/picture-zones.svg`) &&
      existsSync(`${work}/sample-out/picture-zones.svg`),
  );
  assert.deepEqual(wrong, []);
});

test("it can be read in the dark, on a phone and on paper", async () => {
  const { page, wrong } = await open("sample", {
    colorScheme: "dark",
    viewport: { width: 390, height: 800 },
  });
  const [ink, paper] = await page.$eval("body", (body) => [
    getComputedStyle(body).color,
    getComputedStyle(body).backgroundColor,
  ]);
  assert.notEqual(ink, paper);
  assert.ok(
    (await page.evaluate(() => document.documentElement.scrollWidth)) <= 390,
    "the page is wider than a phone",
  );
  await page.emulateMedia({ media: "print" });
  assert.ok(!(await page.locator("nav").isVisible()));
  assert.deepEqual(wrong, []);
});

test("hostile names are shown and never run", async () => {
  const { page, wrong } = await open("hostile");
  const shown = await column(page, "contact-table", 1);
  for (const name of [
    "</script><script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "=1+1",
    "007",
    "甲{{data}}",
  ]) {
    assert.ok(shown.includes(name), name);
  }
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  assert.equal(await page.locator("img").count(), 0);
  assert.ok(
    (await page.textContent("#zones")).includes("Hall"),
    "a zone goes by the name of its place",
  );
  assert.ok(await page.locator("#zones svg rect.met").first().isVisible(), "zones are on the map");
  assert.deepEqual(wrong, []);
});

test("fifty thousand contacts stay usable", async (t) => {
  const { page, wrong, took } = await open("many");
  assert.equal(rows("many", "contacts"), 50_000);
  const paint = await page.evaluate(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
  );
  const timed = async (what, act) => {
    const began = performance.now();
    await act();
    t.diagnostic(`${what}: ${Math.round(performance.now() - began)} ms`);
  };
  t.diagnostic(`first paint: ${Math.round(paint)} ms; table: ${Math.round(took)} ms`);
  await timed("searched", async () => {
    await page.fill("#contact-table input[type=search]", "P049998");
    assert.deepEqual(await column(page, "contact-table", 1), ["P049998"]);
  });
  await page.fill("#contact-table input[type=search]", "");
  await timed("sorted", () => page.locator("#contact-table th button").nth(1).click());
  assert.equal((await column(page, "contact-table", 1))[0], "P000000");
  assert.ok((await page.locator("#contact-table tbody tr").count()) <= 50);
  assert.deepEqual(wrong, []);
});
