// The picture of the README: the page of the sample on its last day, after a run for the day before.
//
// usage: node tests/eyes/picture.js REPORT.html PICTURE.png
import { chromium } from "playwright-core";

const [report, picture] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
const page = await browser.newPage({ viewport: { width: 1240, height: 1000 } });
await page.goto(`file://${report}`);
await page.waitForSelector("body[data-ready]");
await page.screenshot({ path: picture });
await browser.close();
