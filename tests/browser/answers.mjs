// What waits for somebody is answered: proposals by their owners, a node by a resolver, a whole graph by who governs.
import assert from "node:assert/strict";
import process from "node:process";
import { follow, look, open, tabTo } from "./page.mjs";

const { PSMP_TEST_SITE: site, PSMP_TEST_KEY: admin, PSMP_TEST_CHROMIUM: chromium, PSMP_TEST_PICTURES: pictures } = process.env;
const keys = JSON.parse(process.env.PSMP_TEST_KEYS);
const TALK = "/ui/projects/talk";
const GRAPH = "/ui/projects/wrap/graphs/MAEG-P1";
const began = performance.now();
const tell = (text) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s  ${text}`);

const view = await open(chromium, site, pictures);
const { page } = view;
let here = "";
const find = (selector, about) => page.locator(selector, about).first();
try {
  await proposals();
  await nodes();
  await theWhole();
  assert.deepEqual(view.wrong, []);
  tell("done");
} catch (error) {
  await page.screenshot({ path: `${pictures}/failed-answers.png`, fullPage: true }).catch(() => {});
  console.log(page.url(), view.wrong, await page.locator("body").innerText({ timeout: 1000 }).catch(() => "(no page)"));
  throw error;
} finally {
  await view.browser.close();
}

/** At a place as somebody; whoever is signed in already goes there as by a link. */
async function enter(who, place, until) {
  if (who === here) {
    await page.evaluate((to) => {
      history.pushState(null, "", to);
      dispatchEvent(new PopStateEvent("popstate"));
    }, place);
    return find(until).waitFor();
  }
  here = who;
  await page.context().clearCookies();
  const said = await page.context().request.post(`${site}/api/v1/session`, { data: { key: keys[who] ?? admin }, headers: { Origin: site } });
  assert.equal(said.status(), 201, await said.text());
  await page.goto(`${site}${place}`);
  await find(".live[data-state=live]").waitFor();
  return find(until).waitFor();
}

/** What the gateway says, to whoever may ask everything. */
async function told(path) {
  const response = await fetch(`${site}/api/v1${path}`, { headers: { Authorization: `Bearer ${admin}` } });
  assert.equal(response.status, 200, path);
  return response.json();
}

/** The form that had the focus has gone: it has come to what is news. */
function focused(selector) {
  return page.waitForFunction((wanted) => document.activeElement?.matches(wanted), selector);
}

async function choose(words) {
  await tabTo(page, ".answering input[type=radio]:checked");
  while (!(await find(".answering .strategy", { hasText: words }).locator("input").isChecked())) await page.keyboard.press("ArrowDown");
}

async function proposals() {
  const { conflicts, resolutions } = await told("/projects/talk");
  const about = (subject) => {
    const { id } = conflicts.find((each) => each.subject === subject);
    return { ...resolutions.find(({ conflict }) => conflict === id), at: `${TALK}/conflicts/${id}` };
  };
  const [one, two, three, path] = ["langchain", "pandas", "torch", "src/prices.py"].map(about);
  const other = (each) => (each.unanswered[0] === "BookAgent" ? "CoderAgent" : "BookAgent");

  await enter(other(one), one.at, ".answering .hint");
  assert.match(await find(".answering .hint").innerText(), new RegExp(`^${one.unanswered[0]} is asked`));

  await enter(one.unanswered[0], one.at, ".answering textarea");
  await look(view, "proposal");
  await choose("Agree");
  await tabTo(page, ".answering textarea");
  await page.keyboard.type("the newer frames will do");
  await follow(page, ".answering button[type=submit]");
  await find(".cleared", { hasText: one.conflict }).waitFor();
  await focused(".overview > [aria-live]");
  tell("an owner agreed, and the conflict was cleared");

  await enter(two.unanswered[0], two.at, ".answering textarea");
  await choose("Refuse");
  await tabTo(page, ".answering textarea");
  await page.keyboard.type("that breaks the old models");
  await follow(page, ".answering button[type=submit]");
  await find(".ended", { hasText: `${two.resolution} is refused: ${two.unanswered[0]} says no: that breaks the old models. Nothing was changed.` }).waitFor();
  assert.equal(await page.locator(".answering").count(), 0);
  await focused(".ended");
  await look(view, "proposal-refused");
  tell("an owner refused, and the conflict stayed");

  await enter(three.unanswered[0], three.at, ".answering textarea");
  await choose("Change something else");
  assert.equal(await page.locator(".answering button[type=submit]").isDisabled(), true, "what stands is sent as a change");
  await tabTo(page, ".answering .wish input");
  await page.keyboard.press("Control+A");
  await page.keyboard.type(three.unanswered[0] === "BookAgent" ? ">=2.1" : "<1.9");
  await find(".answering .wouldbe .good", { hasText: `It would clear ${three.conflict}` }).waitFor();
  await look(view, "proposal-amended");
  await follow(page, ".answering button[type=submit]");
  await find(".cleared", { hasText: three.conflict }).waitFor();
  await focused(".overview > [aria-live]");
  tell("an owner changed something else, and the conflict was cleared");

  await enter("admin", path.at, ".answering select");
  assert.equal(path.unanswered.length, 2);
  assert.deepEqual(await page.locator(".answering > label option").allInnerTexts(), path.unanswered);
  await tabTo(page, ".answering textarea");
  await page.keyboard.type("it is the other's");
  await follow(page, ".answering button[type=submit]");
  await page.locator(".underway", { hasText: new RegExp(`waits for ${path.unanswered[1]} to answer, until .* UTC\\. ${path.unanswered[0]} has answered\\.`) }).waitFor();
  await focused(".answering");
  assert.equal(await page.locator(".answering textarea").inputValue(), "", "what one said is put into the mouth of another");
  await look(view, "proposal-in-anothers-name");
  await follow(page, ".answering button[type=submit]");
  await find(".cleared", { hasText: path.conflict }).waitFor();
  tell("an admin answered for two, one after the other");
}

async function correct(why) {
  await tabTo(page, ".asks .acting input");
  await page.keyboard.type(why);
  await follow(page, ".asks .acting button");
}

async function nodes() {
  await enter("fixer", `${GRAPH}?node=n1`, '[data-node-title="n1"]');
  await correct("the prices are in euros");
  await focused('[data-node-title="n1"]');
  await page.locator(".nodedetail .meta span", { hasText: /^attempt 2$/ }).waitFor();
  await find('g[data-node="n1"][data-state="COMPLETE"]').waitFor();
  tell("what was done was done once more");
  await enter("fixer", `${GRAPH}?node=n2`, '[data-node-title="n2"]');
  await look(view, "failed-node");
  await correct("run the tests of the prices as well");
  await focused('[data-node-title="n2"]');
  await find('g[data-node="n2"][data-state="COMPLETE"]').waitFor();
  tell("what had failed was done once more");
}

async function theWhole() {
  await enter("boss", GRAPH, ".asks .acting input");
  await look(view, "approval");
  await tabTo(page, ".asks .acting input");
  await page.keyboard.type("all of it is good");
  await follow(page, ".asks .acting button");
  await find(".graph .standing .badge", { hasText: "settled" }).waitFor();
  await focused("#graph");
  await look(view, "settled");
  tell("the whole was agreed to, and is settled");
}
