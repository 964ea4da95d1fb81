// Somebody walks through the dashboard while the story of the RAG chatbot is told, with the keyboard alone.
import assert from "node:assert/strict";
import process from "node:process";
import { WITHIN, follow, look, open, tabTo } from "./page.mjs";
import { teller } from "./story.mjs";

const { PSMP_TEST_SITE: site, PSMP_TEST_KEY: key, PSMP_TEST_CHROMIUM: chromium, PSMP_TEST_PICTURES: pictures, PSMP_TEST_GATEWAY_PID: gateway } = process.env;
const EXTENDS = "[aria-labelledby=extends]";
const began = performance.now();
const took = (since) => Math.round(performance.now() - since);
const tell = (text) => console.log(`${(took(began) / 1000).toFixed(1).padStart(5)} s  ${text}`);

const story = teller(site, key);
const view = await open(chromium, site, pictures);
const { page } = view;
try {
  await walk();
  assert.deepEqual(view.wrong, []);
  tell("done");
} catch (error) {
  await page.screenshot({ path: `${pictures}/failed.png`, fullPage: true }).catch(() => {});
  console.log(await page.locator("body").innerText({ timeout: 1000 }).catch(() => "(no page)"));
  throw error;
} finally {
  await view.browser.close();
}

async function walk() {
  await page.goto(`${site}/ui/`);
  await look(view, "sign-in");
  await tabTo(page, "input[name=key]");
  await page.keyboard.type(key);
  await page.keyboard.press("Enter");
  await page.locator(".live[data-state=live]").waitFor();
  await look(view, "no-project");
  tell("signed in");

  await story.begins();
  await follow(page, 'main a[href$="/projects/rag-chatbot"]');
  await page.locator(".head.project.good .badge", { hasText: "in progress" }).waitFor();
  await look(view, "project-at-peace");
  await turnsRed();
  await isResolved();
  await outlivesTheGateway();
  await goesBackInTime();
  await isProved();
  await isOperated();
  await isDrawn();
}

async function turnsRed() {
  const red = page.locator(".head.project.bad").waitFor();
  const evidence = page.locator('article[data-conflict="C-1"] .because', { hasText: "langchain" }).waitFor();
  const since = performance.now();
  const declared = story.clashes();
  await red;
  await evidence;
  const seen = took(since);
  await declared;
  tell(`the page was red, with the evidence, ${seen} ms after the declaration was sent`);
  assert.ok(seen < 20_000, `the page took ${seen} ms`);
  await look(view, "conflict");
}

async function isResolved() {
  await tabTo(page, ".way input[type=radio]");
  await page.keyboard.press("Space");
  await page.locator(".preview ins").first().waitFor();
  await look(view, "suggestion");
  await tabTo(page, ".preview textarea");
  await page.keyboard.type("the loaders exist in the new API too");
  await tabTo(page, ".preview button[type=submit]");
  const since = performance.now();
  await page.keyboard.press("Enter");
  await page.locator(".head.project.good .badge", { hasText: "in progress" }).waitFor();
  await page.locator(".cleared", { hasText: "C-1" }).waitFor();
  tell(`suggestion 1 was applied and the project went on ${took(since)} ms after Enter`);
  await look(view, "resolved");
}

async function outlivesTheGateway() {
  const sequence = Number(await page.locator(".head.project .sequence").innerText());
  process.kill(Number(gateway), "SIGKILL");
  await page.locator(".live[data-state=waiting]").waitFor();
  const since = performance.now();
  await story.goesOn();
  await page.waitForFunction((before) => Number(document.querySelector(".head.project .sequence")?.textContent) > before, sequence, { timeout: WITHIN });
  await page.locator(".live[data-state=live]").waitFor();
  tell(`the gateway was killed; the page showed what was declared meanwhile ${took(since)} ms later`);
  for (const tab of ["dependencies", "artifacts", "agents"]) {
    await follow(page, `.tabs a[href$="/${tab}"]`);
    await page.locator(`.tabs a[href$="/${tab}"][aria-current=page]`).waitFor();
    await look(view, tab);
  }
}

/** Where the page says that it is blocked, when the newest it knows is past that. */
async function goesBackInTime() {
  await follow(page, '.tabs a[href$="/timeline"]');
  await page.locator(".timeline tbody tr", { hasText: "conflict.detected" }).waitFor();
  await look(view, "timeline");
  const blocked = await page.locator(".timeline tbody tr", { hasText: "→ blocked" }).locator(".sequence").innerText();
  await tabTo(page, ".forms input[type=radio]:checked");
  await page.keyboard.press("ArrowRight");
  await page.locator(".entries .facts").first().waitFor();
  await look(view, "timeline-full");
  await tabTo(page, ".forms input[type=radio]:checked");
  await page.keyboard.press("ArrowRight");
  await page.locator(".entries .json").first().waitFor();
  assert.equal(new URL(page.url()).searchParams.get("form"), "json");
  await look(view, "timeline-json");
  await tabTo(page, ".travel input[type=range]");
  await page.keyboard.press("Home");
  for (let place = 1; place < Number(blocked); place += 1) await page.keyboard.press("ArrowRight");
  await page.locator(".pastbar", { hasText: "blocked" }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get("at"), blocked);
  await follow(page, `.tabs a[href$="rag-chatbot?at=${blocked}"]`);
  await page.locator('.past article[data-conflict="C-1"] .because').waitFor();
  await look(view, "past");
  assert.equal(await page.locator(".past :is(button, input, select, textarea):enabled").count(), 0, "the past can be changed");
  await follow(page, ".pastbar button");
  await page.locator(".pastbar").waitFor({ state: "detached" });
  await page.locator(".calm").waitFor();
  tell(`as of event ${blocked} it was blocked; now it is not`);
}

async function isProved() {
  await follow(page, '.tabs a[href$="/audit"]');
  await follow(page, "[aria-labelledby=verify] button");
  await page.locator(".verdict .badge.good", { hasText: "holds" }).first().waitFor();
  await tabTo(page, "[aria-labelledby=prove] input");
  await page.keyboard.type("2");
  await page.locator("[aria-labelledby=prove] .badge.good", { hasText: "included" }).waitFor();
  await page.locator("[aria-labelledby=checkpoints] tbody tr").first().waitFor();
  await isExtended();
  await look(view, "audit");
  await page.route("**/proofs/consistency?*", forged);
  await tabTo(page, `${EXTENDS} label:nth-child(2) select`);
  await page.keyboard.press("ArrowDown");
  await page.locator(`${EXTENDS} .badge.bad`, { hasText: "does not hold" }).waitFor();
  assert.ok((await page.locator(`${EXTENDS} .chain .bad`).count()) > 0);
  await look(view, "audit-forged");
  await page.unroute("**/proofs/consistency?*");
  tell("the record was verified, an event proved, and that nothing but more came; what was forged was found");
}

/** From a checkpoint of one's choice to the newest, reckoned in the browser: all steps hold. */
async function isExtended() {
  const from = `${EXTENDS} label:nth-child(1) select`;
  const earlier = () => page.locator(`${from} option`).count();
  while ((await earlier()) < 2) {
    const before = await earlier();
    await story.says();
    await page.waitForFunction(([options, known]) => document.querySelectorAll(options).length > known, [`${from} option`, before]);
  }
  const holds = (before) =>
    page.waitForFunction(
      ([steps, known]) => {
        const said = [...document.querySelectorAll(steps)].map((each) => each.innerText);
        return said.length === 4 && said[0] !== known && said.every((each) => each.endsWith(": yes")) && said[0];
      },
      [`${EXTENDS} .chain li`, before],
    );
  const first = await (await holds("")).jsonValue();
  await tabTo(page, from);
  await page.keyboard.press("ArrowUp");
  await holds(first);
  await page.locator(`${EXTENDS} .badge.good`, { hasText: "only added to" }).waitFor();
}

/** As if the log had been another before: one hash of the proof is not what it was. */
async function forged(route) {
  const response = await route.fetch();
  const proof = await response.json();
  const [first, ...others] = proof.hashes;
  await route.fulfill({ response, json: { ...proof, hashes: [(first[0] === "A" ? "B" : "A") + first.slice(1), ...others] } });
}

async function isOperated() {
  await follow(page, '.places a[href$="/operations"]');
  await page.locator("[data-letter]").waitFor();
  await page.locator('[data-alert^="letter-"]').waitFor();
  await page.locator("[aria-labelledby=consumers] tbody tr").first().waitFor();
  await page.locator("[aria-labelledby=services] .badge.good").first().waitFor();
  await look(view, "operations");
  await tabTo(page, '[data-alert^="letter-"] input');
  await page.keyboard.type("I have a look");
  await page.keyboard.press("Enter");
  await page.locator('[data-alert^="letter-"]').waitFor({ state: "detached" });
  await tabTo(page, "[data-letter] .acting input");
  await page.keyboard.type("nobody can read it");
  await follow(page, "[data-letter] button[value=Drop]");
  await page.locator("[data-letter]").waitFor({ state: "detached" });
  tell("an alert was acknowledged and a dead letter dropped");
}

async function isDrawn() {
  await follow(page, '.places a[href$="/charts"]');
  await page.locator(".drawn svg[role=img]").nth(2).waitFor();
  await look(view, "charts");
  for (const each of ["conflicts", "verdicts", "throughput"]) await follow(page, `[aria-labelledby=${each}] button`);
  await page.locator("table[aria-label^='Conflicts detected'] tbody tr").waitFor();
  assert.equal(await page.locator(".drawn").count(), 0);
  await look(view, "charts-as-tables");
  await follow(page, ".wordmark");
  await page.locator(".stack tbody tr").nth(1).waitFor();
  await look(view, "projects");
  tell("charts were drawn, and told as tables");
}
