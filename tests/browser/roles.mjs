// Each role walks the main screens: what it may do is there, what it may not is not, and the page says why.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import process from "node:process";
import { follow, look, open, tabTo } from "./page.mjs";
import { planner } from "./planning.mjs";

const { PSMP_TEST_SITE: site, PSMP_TEST_KEY: admin, PSMP_TEST_CHROMIUM: chromium, PSMP_TEST_PICTURES: pictures } = process.env;
const keys = JSON.parse(process.env.PSMP_TEST_KEYS);
const MAY = {
  viewer: [],
  auditor: ["inspect"],
  resolver: ["resolve"],
  agent: ["resolve", "plan"],
  operator: ["plan", "govern", "operate", "inspect"],
  admin: ["resolve", "plan", "govern", "operate", "inspect"],
};
const SHOP = "/ui/projects/shop";
const GRAPH = "/ui/projects/plan/graphs/MAEG-P1";
const began = performance.now();
const tell = (text) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s  ${text}`);

const view = await open(chromium, site, pictures);
const { page } = view;
const find = (selector, about) => page.locator(selector, about).first();
const planning = planner({ view, page, site, admin, go });
try {
  for (const role of Object.keys(MAY)) {
    await enter(role);
    await screens(role);
    if (role === "viewer") await alongTheEdges();
    if (role === "resolver") await resolves();
    if (role === "agent") await planning.works();
    if (role === "agent") await changes();
    if (role === "operator") await givesUp();
    if (role === "operator") await planning.looksBack();
    if (role === "operator") await planning.plans();
    tell(`${role}: every screen shows what it may do, and says what it may not`);
  }
  assert.deepEqual(view.wrong, []);
  tell("done");
} catch (error) {
  await page.screenshot({ path: `${pictures}/failed-roles.png`, fullPage: true }).catch(() => {});
  console.log(page.url(), view.wrong, await page.locator("body").innerText({ timeout: 1000 }).catch(() => "(no page)"));
  throw error;
} finally {
  await view.browser.close();
}

async function enter(role) {
  await page.context().clearCookies();
  const said = await page.context().request.post(`${site}/api/v1/session`, { data: { key: keys[role] ?? admin }, headers: { Origin: site } });
  assert.equal(said.status(), 201, await said.text());
  await page.goto(`${site}/ui/`);
  await find(".live[data-state=live]").waitFor();
  await find(".who .role", { hasText: role }).waitFor();
}

/** Goes to a place without loading the page anew, as a link within it does. */
async function go(path, until) {
  await page.evaluate((to) => {
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  }, path);
  await find(until).waitFor();
}

/** The form is there for who may, and for nobody else; who may not is told so. */
async function either(role, permission, form) {
  const has = MAY[role].includes(permission);
  await find(has ? form : `[data-lacking=${permission}]`).waitFor();
  assert.equal((await page.locator(form).count()) > 0, has, `${role}: ${form}`);
  assert.equal((await page.locator(`[data-lacking=${permission}]`).count()) > 0, !has, `${role}: ${permission} is said to lack`);
}

async function screens(role) {
  const looked = async (name) => role === "admin" && (await look(view, name));
  if (role !== "admin" && role !== "operator") {
    await go(`${SHOP}/conflicts/C-1?suggestion=1`, ".preview table");
    await either(role, "resolve", ".preview button[type=submit]");
    await either(role, "resolve", ".otherways");
  }
  await go(`${SHOP}/agents`, ".heartbeat");
  const coder = find("[aria-labelledby=everybody] tr", { hasText: "CoderAgent" });
  assert.match(await coder.innerText(), /(just now|\d+ (s|min) ago)/);
  await go(`${SHOP}/tasks`, '[data-task="prices"]');
  await either(role, "plan", ".adding summary");
  await go(`${SHOP}/settings`, "#governed");
  await either(role, "govern", ".governing");
  await go(`${SHOP}/timeline?form=changes&from=2&to=7`, "[aria-label^='What changed from event 2 to event 7']");
  await looked("what-changed");
  await go(`${SHOP}/audit?proof=2`, "[aria-labelledby=prove] .badge.good");
  await either(role, "inspect", "[aria-labelledby=verify] button");
  await go(`${GRAPH}?node=n3`, '[data-node-title="n3"]');
  if (role !== "admin") await either(role, "govern", ".asks summary");
  if (role !== "admin" && role !== "agent" && role !== "operator") {
    await go(`${GRAPH}?node=n1`, '[data-node-title="n1"]');
    await either(role, "resolve", ".nodedetail .ask textarea");
  }
  await looked("graph");
  await go(`${GRAPH}?view=table`, ".nodes tbody tr");
  await looked("graph-as-table");
  await go("/ui/audit?project=shop&kind=conflict", "tr:has-text('conflict.detected')");
  await looked("search");
  await go("/ui/compliance?framework=soc2", "h1:has-text('Compliance')");
  await either(role, "inspect", "[aria-label=Controls]");
  if (MAY[role].includes("inspect")) assert.match(await find("a[download]").getAttribute("href"), /export\?format=json&signed=true$/);
  await looked("compliance");
  await go("/ui/operations", "[aria-labelledby=alerts]");
  await either(role, "inspect", "[aria-labelledby=consumers] tbody tr");
}

async function alongTheEdges() {
  await go(GRAPH, "g.node");
  await tabTo(page, "g.node");
  await page.keyboard.press("Home");
  for (const [key, layer] of [["ArrowRight", /^n[123]$/], ["ArrowRight", /^sync$/], ["ArrowRight", /^n4$/], ["ArrowLeft", /^sync$/]]) {
    await page.keyboard.press(key);
    assert.match(await page.evaluate(() => document.activeElement.getAttribute("data-node")), layer);
  }
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.getAttribute("data-node-title") === "sync");
  assert.equal(new URL(page.url()).searchParams.get("node"), "sync");
}

async function declare(agent, artifact, name, constraint) {
  const headers = { Authorization: `Bearer ${admin}`, "Content-Type": "application/json", Prefer: "wait=30", "Idempotency-Key": randomUUID(), "Psmp-Agent": agent };
  const body = JSON.stringify({ artifact, type: "code", dependencies: [{ name, constraint }] });
  const said = await fetch(`${site}/api/v1/projects/shop/artifacts`, { method: "POST", headers, body });
  assert.equal(said.status, 201, await said.text());
}

/** What was looked at changes; then one artifact is left the path, and a person's word is given on a result. */
async function resolves() {
  await go(`${SHOP}/conflicts/C-1?suggestion=1`, ".preview textarea");
  await page.locator(".preview textarea").fill("as it was before");
  await declare("NotebookAgent", "notebook", "pandas", "<1.9");
  await find(".preview .changed", { hasText: "has changed since you opened this" }).waitFor();
  assert.equal(await page.locator(".preview button[type=submit]").isDisabled(), true);
  await follow(page, ".preview .changed button");
  await page.locator(".preview .changed").waitFor({ state: "detached" });
  assert.equal(await page.locator(".preview button[type=submit]").isDisabled(), false);

  await go(`${SHOP}/conflicts/C-2?way=merge`, ".wouldbe .good");
  await look(view, "merge");
  await page.locator(".waysform textarea").fill("the prices are the shop's");
  await follow(page, ".waysform button[type=submit]");
  await find(".cleared", { hasText: "C-2" }).waitFor();

  await go(`${GRAPH}?node=n1`, ".ask textarea");
  await page.locator(".ask label", { hasText: "It is good" }).click();
  await page.locator(".ask textarea").fill("I have read it");
  await follow(page, ".ask button[type=submit]");
  await find('g[data-node="n1"][data-state="COMPLETE"]').waitFor();
}

/** An owner changes its own, and sees first what would come of it; the timeline has it without being asked. */
async function changes() {
  await go(`${SHOP}/timeline`, ".timeline tbody tr");
  const known = Number(await find(".timeline tbody .sequence").innerText());
  await go(`${SHOP}/conflicts/C-1?way=change`, ".wish");
  await page.locator(".wish input").fill("<1");
  await find(".wouldbe .bad", { hasText: "Nothing would be done" }).waitFor();
  await page.locator(".wish input").fill("==1.5.*");
  await find(".wouldbe .good", { hasText: "It would clear C-1" }).waitFor();
  await look(view, "change");
  await page.locator(".waysform textarea").fill("the old frames do");
  await follow(page, ".waysform button[type=submit]");
  await find(".cleared", { hasText: "C-1" }).waitFor();
  await go(`${SHOP}/timeline`, ".timeline tbody tr");
  await page.waitForFunction((before) => Number(document.querySelector(".timeline tbody .sequence")?.textContent) > before, known);
}

async function givesUp() {
  await go(GRAPH, ".asks summary");
  await page.locator(".asks summary").click();
  await page.locator(".asks details input").fill("another plan is better");
  await follow(page, ".asks details button");
  await find(".graph .standing .badge", { hasText: "given up" }).waitFor();
  assert.equal(await page.locator(".asks").count(), 0);
}
