// The page in a headless Chromium: what it shows, that it sorts, searches, filters and switches its
// language, that names are text, and that nothing leaves it. How long it takes is printed, not judged.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
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

// A page that is drawn, and what it complained of or asked for.
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
    if (!/^(file|blob):/.test(request.url())) wrong.push(request.url());
  });
  const began = performance.now();
  await page.goto(`file://${work}/${name}-out/report.html`);
  await page.waitForSelector("#contact-table tbody tr");
  const took = performance.now() - began;
  await page.waitForSelector("body[data-ready]");
  return { page, wrong, took };
}

async function turn(page) {
  const before = await page.getAttribute("body", "data-ready");
  await page.click("header .turn");
  await page.waitForFunction((before) => document.body.dataset.ready !== before, before);
}

const csv = (name, table) => {
  const [head, ...lines] = readFileSync(`${work}/${name}-out/${table}.csv`, "utf8")
    .trim()
    .split("\n");
  const columns = head.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(columns.map((column, n) => [column, cells[n]]));
  });
};
const rows = (name, table) => csv(name, table).length;
// The cells of a column that is named by its head.
const column = (page, table, head) =>
  page.$$eval(
    `#${table} tbody td`,
    (all, head) => all.filter((cell) => cell.dataset.head === head).map((cell) => cell.textContent),
    head,
  );
const shown = async (page, table) =>
  Number((await page.textContent(`#${table} .count`)).match(/([\d,]+)$/)[1].replaceAll(",", ""));
const sort = (page, table, head) =>
  page.locator(`#${table} th button`, { hasText: head }).first().click();

test("the brief, the tiles and today's work say what the tables say", async () => {
  const { page, wrong } = await open("later");
  const brief = await page.textContent("#brief");
  const today = csv("later", "today");
  const of = (task) => today.filter((row) => row.task === task).length;
  assert.ok(brief.includes(`call ${of("call")} people`), brief);
  assert.ok(brief.includes(`test ${of("test")} people`), brief);
  assert.match(brief, /Since 6 Nov at 24:00: /);
  assert.match(brief, /Next to open: /);
  const tiles = await page.$$eval(".tile b", (all) => all.map((tile) => tile.textContent));
  assert.equal(tiles.length, 5);
  // Counted where the run was asked to, and whole buildings in any case.
  assert.equal(await page.locator("#looser li").count(), 4);
  assert.equal(Number(tiles[1]), rows("later", "contacts"));
  const before = rows("sample-6", "contacts"),
    now = rows("later", "contacts");
  assert.ok((await page.textContent(".tile:nth-child(2) small")).includes(`+${now - before} `));
  assert.equal(
    await page.locator(".tabs button").count(),
    new Set(today.map((row) => row.task)).size,
  );
  assert.equal(await shown(page, "today-call"), of("call"));
  const names = new Map(csv("later", "people").map((row) => [row.person_id, row]));
  const first = today.find((row) => row.task === "call");
  assert.equal((await column(page, "today-call", "person"))[0], names.get(first.person_id).name);
  assert.equal((await column(page, "today-call", "phone"))[0], names.get(first.person_id).phone);
  // The call list of one compound.
  const compound = page.locator("#today-call select").first();
  const of_compound = names.get(first.person_id).compound;
  await compound.selectOption(of_compound);
  const expected = today.filter(
    (row) => row.task === "call" && names.get(row.person_id)?.compound === of_compound,
  );
  assert.equal(await shown(page, "today-call"), expected.length);
  await page.locator(".tabs button", { hasText: "to release" }).click();
  assert.equal(await shown(page, "today-release"), of("release"));
  assert.ok(
    (await page.textContent("#change-table")).includes("became a case"),
    "who is a case now is said to be one",
  );
  assert.deepEqual(wrong, []);
});

test("the lists sort, search, filter, group and can be taken away", async () => {
  const { page, wrong } = await open("sample");
  assert.equal((await column(page, "contact-table", "rank"))[0], "1");
  const minutes = async () =>
    (await column(page, "contact-table", "minutes, all cases")).map((n) =>
      Number(n.replace(",", "")),
    );
  await sort(page, "contact-table", "minutes, all cases");
  const up = await minutes();
  assert.deepEqual(
    up,
    up.toSorted((a, b) => a - b),
  );
  await sort(page, "contact-table", "minutes, all cases");
  const down = await minutes();
  assert.ok(down[0] >= up.at(-1) && down[0] >= down.at(-1));
  const [id] = await column(page, "contact-table", "id");
  const [name] = await column(page, "contact-table", "person");
  for (const [typed, head] of [
    [id.toLowerCase(), "id"],
    [name.toLowerCase(), "person"],
  ]) {
    await page.fill("#contact-table input[type=search]", typed);
    const found = await column(page, "contact-table", head);
    assert.ok(found.length && found.every((cell) => cell.toLowerCase().includes(typed)));
  }
  await page.fill("#contact-table input[type=search]", "");
  await page.locator("#contact-table select").first().selectOption("1");
  assert.ok((await page.locator("#contact-table tr.group").count()) > 0, "grouped by place");
  const of_case = page.locator("#contact-table select").nth(1);
  const case_name = (await of_case.locator("option").nth(1).textContent()).replace("cases: ", "");
  await of_case.selectOption({ index: 1 });
  assert.ok((await column(page, "contact-table", "cases")).every((all) => all.includes(case_name)));
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.click("#contact-table .take"),
  ]);
  const text = readFileSync(await file.path(), "utf8");
  assert.equal(text.trim().split("\r\n").length - 1, await shown(page, "contact-table"));
  assert.ok(text.startsWith("\ufeffrank,person,phone,"));
  assert.deepEqual(wrong, []);
});

test("people are filtered by measure and by zone", async () => {
  const { page, wrong } = await open("sample");
  const [measure, , zone] = await page.locator("#people-table select").all();
  await measure.selectOption("spillover");
  assert.deepEqual([...new Set(await column(page, "people-table", "measure"))], ["spillover"]);
  const spilled = csv("sample", "measures").filter((row) => row.measure === "spillover");
  assert.equal(await shown(page, "people-table"), spilled.length);
  const id = await zone.locator("option").nth(1).getAttribute("value");
  await zone.selectOption(id);
  const inside = spilled.filter((row) => row.zone_ids.split(";").includes(id));
  assert.equal(await shown(page, "people-table"), inside.length);
  assert.deepEqual(wrong, []);
});

test("a click on somebody shows why, the plan and the rows behind it", async () => {
  const { page, wrong } = await open("sample");
  await page.locator("#contact-table tbody tr").first().click();
  await page.waitForSelector("dialog tbody tr");
  const text = await page.textContent("dialog");
  const first = csv("sample", "contacts").find((row) => row.rank === "1");
  const proof = csv("sample", "evidence").filter((row) => row.person_id === first.person_id);
  assert.equal(await page.locator("dialog tbody tr").count(), proof.length);
  for (const part of [
    proof[0].case_row,
    proof[0].person_row,
    first.person_id,
    "The plan",
    "Before and after",
  ])
    assert.ok(text.includes(part), part);
  // From there to the case, and to where the case was.
  await page.locator("dialog dl button.person").first().click();
  await page.waitForSelector("dialog svg rect.stay, dialog svg rect.met");
  assert.ok((await page.textContent("dialog")).includes("infectious window"));
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("dialog").count(), 0);
  const left = csv("sample", "presence")[0];
  await page.fill("#people-table input[type=search]", left.person_id);
  await page.locator("#people-table tbody tr").first().click();
  await page.waitForSelector("dialog tbody tr");
  assert.ok((await page.textContent("dialog")).includes(left.row));
  assert.deepEqual(wrong, []);
});

test("charts have axes with names, a bar for each day, and words for who does not see them", async () => {
  const { page, wrong } = await open("sample");
  const curve = page.locator("#curve svg");
  assert.deepEqual(await curve.locator("text.name").allTextContents(), [
    "cases a day",
    "confirmation",
  ]);
  assert.ok((await curve.locator(".grid line").count()) > 2);
  const days = await curve.locator(".axis:not(.grid) .tick").count();
  const confirmed = new Set(
    JSON.parse(readFileSync(`${work}/sample-out/report.json`)).cases.map((c) =>
      c.confirmed.slice(0, 10),
    ),
  );
  assert.ok(days > confirmed.size, "a day without a case is there, too");
  for (const svg of await page.locator("svg").all())
    assert.ok((await svg.getAttribute("aria-label")).length > 2);
  assert.equal(
    await page.locator("#timeline svg .window").count(),
    JSON.parse(readFileSync(`${work}/sample-out/report.json`)).cases.length,
  );
  for (const mark of ["onset", "sampled", "confirmed", "isolated"])
    assert.ok((await page.locator(`#timeline svg .sign.${mark}`).count()) > 0, mark);
  assert.ok((await page.locator("#graph svg .tick").count()) > 1, "clusters are on a date axis");
  const sizes = await page.$$eval("svg text", (all) =>
    all.map((of) => parseFloat(getComputedStyle(of).fontSize)),
  );
  assert.ok(Math.min(...sizes) >= 12);
  const sums = (await column(page, "test-table", "sum")).map(Number);
  assert.equal(
    sums.at(-1),
    sums.slice(0, -1).reduce((a, b) => a + b, 0),
  );
  assert.deepEqual(wrong, []);
});

test("every part of the page is there in both languages, and by keyboard", async () => {
  const { page, wrong } = await open("sample");
  const parts = [
    "today",
    "curve",
    "zones",
    "contacts",
    "tests",
    "people_all",
    "timeline",
    "graph",
    "rules",
    "account",
  ];
  for (const section of parts) assert.ok(await page.locator(`#${section} h2`).isVisible(), section);
  assert.ok((await page.locator("#ego circle").count()) > 3);
  await page.locator("header .turn").focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("body[data-ready='2']");
  assert.equal(await page.locator("h1").textContent(), "流调溯源分析");
  assert.equal(await page.getAttribute("html", "lang"), "zh");
  assert.ok((await page.textContent("header .of")).startsWith("截至11月7日24时"));
  const plans = await column(page, "people-table", "阶段");
  assert.ok(
    plans.every((plan) => /^(集中隔离|居家隔离|健康监测) \d+月\d+日/.test(plan)),
    plans[0],
  );
  await page.locator("#timeline svg text.link").first().focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog svg");
  assert.deepEqual(wrong, []);
});

test("nothing stands in the way of who sees or moves otherwise", async () => {
  const axe = readFileSync(new URL(import.meta.resolve("axe-core")), "utf8");
  for (const options of [
    {},
    { viewport: { width: 390, height: 800 } },
    { viewport: { width: 820, height: 1100 }, colorScheme: "dark" },
  ]) {
    const { page, wrong } = await open("later", { bypassCSP: true, ...options });
    for (const language of [0, 1]) {
      if (language) await turn(page);
      await page.evaluate(axe);
      const found = await page.evaluate(() => globalThis.axe.run());
      const broken = found.violations.map(
        (of) =>
          `${of.id}: ${of.nodes
            .slice(0, 3)
            .map((node) => node.html)
            .join(" ")}`,
      );
      assert.deepEqual(broken, []);
      const width = options.viewport?.width ?? 1240;
      assert.ok(
        (await page.evaluate(() => document.documentElement.scrollWidth)) <= width,
        "no wider than the screen",
      );
    }
    const small = await page.$$eval("button, select, input, nav a", (all) =>
      all
        .filter((of) => of.offsetParent && !of.closest("th, td, dd, li") && of.offsetHeight < 44)
        .map((of) => of.outerHTML),
    );
    assert.deepEqual(small, []);
    assert.deepEqual(wrong, []);
  }
});

test("the other lists are there, in both languages, with what could not be answered", async () => {
  const { page, wrong } = await open("notice");
  const lists = () => page.$$eval("#notice h3", (all) => all.map((head) => head.textContent));
  assert.equal((await lists()).length, 12, await lists());
  const needs = csv("notice", "needs");
  const groups = (await page.textContent("#zone-table")).replaceAll("\n", " ");
  assert.ok(needs.length > 0);
  needs.forEach((row) => assert.ok(groups.includes(`${row.group} ${row.people}`), row.group));
  const kept = csv("notice", "breaches");
  assert.equal(await shown(page, "notice-breaches-table"), kept.length);
  const text = await page.textContent("#notice-breaches-table");
  assert.ok(text.includes("elsewhere") && text.includes("corner-shop"), text);
  await turn(page);
  assert.ok(
    (await lists()).some((head) => head.startsWith("违反管控")),
    await lists(),
  );
  assert.ok((await page.textContent("#notice-breaches-table")).includes("在别处"));
  assert.ok((await page.textContent("#notice-mass_testing-table")).includes("未达条件"));
  // No key of a dictionary stands where a word should.
  assert.ok((await page.textContent("#row-table")).includes("入境人员"));
  assert.ok(!(await page.textContent("#row-table")).includes("input_"));
  assert.deepEqual(wrong, []);
  const other = await open("sample");
  assert.ok((await other.page.textContent("#notice")).includes("the table `orders`"));
});

test("every row that was read is accounted for", async () => {
  for (const name of ["notice", "sample"]) {
    const { page } = await open(name);
    const rows = await page.$$eval("#row-table tbody tr", (all) =>
      all.map((row) => [...row.cells].slice(1).map((cell) => cell.textContent.replace(/\D/g, ""))),
    );
    assert.ok(rows.length > 2);
    for (const [read, ...became] of rows) {
      assert.equal(
        became.reduce((sum, n) => sum + Number(n), 0),
        Number(read),
      );
    }
  }
});

test("printed, it has whole lists, a footer, and nothing to press", async () => {
  const { page, wrong } = await open("sample");
  const pdf = await page.pdf({ preferCSSPageSize: true });
  assert.ok(pdf.length > 50_000);
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.equal(await page.locator("#contact-table tbody tr").count(), rows("sample", "contacts"));
  assert.match(await page.textContent("#contact-table .count"), /^1–237 of 237$/);
  assert.ok(await page.locator("footer").isVisible());
  assert.match(await page.textContent("footer"), /as of 7 Nov at 24:00 · policy cn-2022-11/);
  for (const of of ["nav", "header button", ".tabs", ".take"])
    assert.ok(!(await page.locator(of).first().isVisible()), of);
  assert.deepEqual(wrong, []);
});

test("an authority without zones gets a page that does not speak of them", async () => {
  const { page, wrong } = await open("who");
  for (const language of [0, 1]) {
    if (language) await turn(page);
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

test("on a phone rows are cards, in the dark there is light", async () => {
  const { page, wrong } = await open("sample", {
    colorScheme: "dark",
    viewport: { width: 390, height: 800 },
  });
  const [ink, paper] = await page.$eval("body", (body) => [
    getComputedStyle(body).color,
    getComputedStyle(body).backgroundColor,
  ]);
  assert.notEqual(ink, paper);
  const cell = page.locator("#contact-table tbody td").nth(1);
  assert.equal(await cell.evaluate((td) => getComputedStyle(td).display), "block");
  assert.ok(
    (await cell.evaluate((td) => getComputedStyle(td, "::before").content)).includes("person"),
  );
  assert.deepEqual(wrong, []);
});

test("hostile names are shown and never run", async () => {
  const { page, wrong } = await open("hostile");
  const shown = await column(page, "contact-table", "person");
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
  const mark = page.locator("#zones svg .mark").first();
  await mark.focus();
  assert.ok(
    (await page.textContent("#zones .said")).includes("high"),
    "a zone on the map says what it is",
  );
  assert.deepEqual(wrong, []);
});

test("fifty-five thousand contacts stay usable", async (t) => {
  const { page, wrong, took } = await open("many");
  assert.equal(rows("many", "contacts"), 55_000);
  const size = statSync(`${work}/many-out/report.html`).size;
  assert.ok(size < 8e6, `${size} bytes`);
  const paint = await page.evaluate(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
  );
  const timed = async (what, act) => {
    const began = performance.now();
    await act();
    t.diagnostic(`${what}: ${Math.round(performance.now() - began)} ms`);
  };
  t.diagnostic(
    `${size} bytes; first paint: ${Math.round(paint)} ms; table: ${Math.round(took)} ms`,
  );
  assert.equal(await shown(page, "contact-table"), 55_000);
  await timed("searched", async () => {
    await page.fill("#contact-table input[type=search]", "P054998");
    assert.deepEqual(await column(page, "contact-table", "person"), ["P054998"]);
  });
  await timed("opened", async () => {
    await page.locator("#contact-table tbody tr").first().click();
    await page.waitForSelector("dialog tbody tr");
  });
  const row = csv("many", "evidence").find((row) => row.person_id === "P054998");
  assert.ok((await page.textContent("dialog")).includes(row.person_row));
  await page.keyboard.press("Escape");
  await page.fill("#contact-table input[type=search]", "");
  await timed("sorted", () => sort(page, "contact-table", "person"));
  assert.equal((await column(page, "contact-table", "person"))[0], "P000000");
  assert.ok((await page.locator("#contact-table tbody tr").count()) <= 50);
  assert.deepEqual(wrong, []);
});

test("four hundred zones are a table and a map", async () => {
  const { page, wrong } = await open("zones");
  assert.equal(
    await shown(page, "zone-table"),
    csv("zones", "zones").filter((row) => row.level !== "county").length,
  );
  assert.ok((await shown(page, "zone-table")) >= 400);
  const left = (await column(page, "zone-table", "days left")).map(Number);
  assert.deepEqual(
    left,
    left.toSorted((a, b) => a - b),
  );
  const boxes = await page.$$eval("#zones svg .mark text", (all) =>
    all.map((of) => of.getBoundingClientRect().toJSON()),
  );
  const over = (a, b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  assert.ok(
    boxes.every((a, n) => boxes.slice(n + 1).every((b) => !over(a, b))),
    "no label over another",
  );
  const count = await page.$$eval("#zones svg .mark", (all) =>
    all.map((of) => Number(of.querySelector("text")?.textContent ?? 1)).reduce((a, b) => a + b, 0),
  );
  assert.equal(count, 400);
  assert.deepEqual(wrong, []);
});
