// A page of the dashboard as somebody uses it who has a keyboard alone; what it asks for and what goes wrong is kept.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"];
/** Milliseconds that anything may take on a slow machine. */
export const WITHIN = 45_000;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** A browser whose every request stays with `site`; `pictures` is the folder for what is to be looked at. */
export async function open(executablePath, site, pictures) {
  const browser = await chromium.launch({ executablePath, args: FLAGS, timeout: 120_000 });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", colorScheme: "light" });
  const page = await context.newPage();
  page.setDefaultTimeout(WITHIN);
  const wrong = [];
  page.on("request", (request) => new URL(request.url()).origin === site || wrong.push(`asked elsewhere: ${request.url()}`));
  page.on("pageerror", (error) => wrong.push(`raised: ${error}`));
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !/Failed to load resource|net::ERR_/.test(text)) wrong.push(`complained: ${text}`);
  });
  return { browser, page, wrong, pictures };
}

/** Press Tab until the focus is on what the selector finds. */
export async function tabTo(page, selector, most = 80) {
  await page.locator(selector).first().waitFor();
  for (let pressed = 0; pressed <= most; pressed += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`${selector} is not reached with ${most} presses of Tab`);
}

/** Go to a place by its link, with the keyboard. */
export async function follow(page, selector) {
  await tabTo(page, selector);
  await page.keyboard.press("Enter");
}

/** Look at the screen in both themes and as a phone has it; what axe finds is wrong. Pictures are made where they stay. */
export async function look({ page, pictures, wrong }, name) {
  const picture = async (how) => process.env.PSMP_TEST_PICTURED && (await page.screenshot({ path: join(pictures, `${name}-${how}.png`), fullPage: true }));
  await page.locator("h1").first().waitFor();
  await page.waitForFunction(() => document.querySelector(".loading") === null);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await picture(colorScheme);
    await page.evaluate(AXE);
    const { violations } = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] }), RULES);
    for (const each of violations) wrong.push(`${name}, ${colorScheme}: ${each.id}: ${each.nodes.map((node) => `${node.target} ${node.failureSummary}`).join(" | ")}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 844 });
  await picture("phone");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) wrong.push(`${name}: at 390 px it is ${wide} px too wide`);
  await page.setViewportSize({ width: 1280, height: 900 });
}
