// Tasks are added, taken, changed while another changes them, done and archived; a project is changed, moved on and given up.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { follow, look, tabTo } from "./page.mjs";

const SHOP = "/ui/projects/shop";
const PLAN = "/ui/projects/plan";
const task = (id, more = "") => `[data-task="${id}"]${more}`;

/** `go` leads to a place; tasks are asked for, and changed, in the name of who made them as well. */
export function planner({ view, page, site, admin, go }) {
  const find = (selector, about) => page.locator(selector, about).first();
  /** What was pressed is done when the focus is where the page puts it then; before that a key would go elsewhere. */
  const isAt = (id) => page.waitForFunction((wanted) => document.activeElement?.id === wanted, id);
  async function ask(id, method = "GET", change = undefined) {
    const headers = { Authorization: `Bearer ${admin}`, "Content-Type": "application/json", Prefer: "wait=30", "Idempotency-Key": randomUUID(), "Psmp-Agent": "boss" };
    const said = await fetch(`${site}/api/v1/projects/shop/tasks/${id}`, { method, headers, body: JSON.stringify(change) });
    const told = await said.text();
    assert.equal(said.status, 200, told);
    return JSON.parse(told);
  }

  return {
    /** As an agent: what is nobody's is taken, and not done before what shall come of it is there. */
    async works() {
      await go(SHOP, ".owntasks a");
      await follow(page, '.owntasks a[href*="agent=CoderAgent"]');
      await find(task("prices")).waitFor();
      assert.equal(await page.locator(task("notebooks")).count(), 0, "the filter of the link is kept");
      await go(`${SHOP}/tasks`, task("notebooks"));
      await follow(page, task("notebooks", " .step button"));
      await find(task("notebooks", '[data-status="IN_PROGRESS"]')).waitFor();
      await isAt("task-notebooks");
      await follow(page, task("prices", " .step button")); // Begin
      await find(task("prices", '[data-status="IN_PROGRESS"]')).waitFor();
      await isAt("task-prices");
      await follow(page, task("prices", " .step button")); // Mark done
      await find(task("prices", " .step .fault"), { hasText: "price-page is not declared" }).waitFor();
      await look(view, "tasks");
      await this.isOutpaced();
    },

    /** While it is filled in another changes it: nothing is sent before somebody has looked. */
    async isOutpaced() {
      await follow(page, "#task-notebooks");
      const title = task("notebooks", ' input[id$="-title"]');
      await page.locator(title).fill("Tidy the old notebooks");
      await ask("notebooks", "PATCH", { details: "They are from before the new frames.", reason: "said more" });
      await find(".changed", { hasText: "has changed since you opened this" }).waitFor();
      await look(view, "task-changed-by-another");
      assert.equal(await page.locator(task("notebooks", " button[type=submit].primary")).isDisabled(), true);
      await follow(page, ".changed button");
      await page.locator(".changed").waitFor({ state: "detached" });
      assert.equal(await page.locator(task("notebooks", " textarea")).inputValue(), "They are from before the new frames.");
      await follow(page, task("notebooks", " button[type=submit].primary"));
      await find("#task-notebooks", { hasText: "Tidy the old notebooks" }).waitFor();
      await isAt("task-notebooks");
      const { sequence } = await ask("notebooks");
      await go(`${SHOP}/timeline?form=changes&from=${sequence - 1}&to=${sequence}`, "tr:has-text('task notebooks') ins:has-text('Tidy the old notebooks')");
    },

    /** As who made the project: a task is added and archived, the project changed, moved on and another given up. */
    async plans() {
      await go(`${SHOP}/tasks`, task("prices"));
      await follow(page, ".adding summary");
      await tabTo(page, '.adding input[id$="-title"]');
      await page.keyboard.type("A page for prices");
      await look(view, "add-task");
      await tabTo(page, '.adding input[id$="-title"]');
      await page.keyboard.press("Enter");
      await find(".adding [role=status]", { hasText: "a-page-for-prices is planned" }).waitFor();
      await find(task("a-page-for-prices")).waitFor();
      await follow(page, "#task-a-page-for-prices");
      await follow(page, task("a-page-for-prices", " details summary"));
      await tabTo(page, task("a-page-for-prices", " .acting input"));
      await page.keyboard.type("the catalogue has it");
      await page.keyboard.press("Enter");
      await page.locator(task("a-page-for-prices")).waitFor({ state: "detached" });
      await page.waitForFunction(() => document.activeElement?.tagName === "H1");
      await go(`${SHOP}/tasks?status=ARCHIVED`, task("a-page-for-prices"));
      assert.equal(await page.locator(".todo").count(), 1);
      await this.governs();
    },

    async governs() {
      await go(`${SHOP}/settings`, ".governing");
      await tabTo(page, ".governing > .field input");
      await page.keyboard.type("The shop");
      await follow(page, ".governing .changes > button");
      await page.locator(".governing .wish").nth(1).locator("input").fill("3.12");
      await find(".warning", { hasText: "judged anew" }).waitFor();
      await look(view, "settings");
      await page.locator(".governing textarea").fill("3.12 is out");
      await follow(page, ".governing button[type=submit]");
      await find(".settings > .done", { hasText: "judged anew" }).waitFor();
      await find(".head.project h1", { hasText: "The shop" }).waitFor();
      await page.locator("[aria-labelledby=phase] .acting input").fill("it is good enough");
      await follow(page, "[aria-labelledby=phase] .acting button");
      await find("[aria-labelledby=phase] .fault", { hasText: "WORK_UNFINISHED" }).waitFor();
      await go(`${SHOP}/timeline?kind=project`, "tr:has-text('The shop for python3.11-linux, python3.12-linux: 3.12 is out')");
      await go(`${PLAN}/settings`, "[aria-labelledby=phase] .acting");
      await page.locator("[aria-labelledby=phase] .acting input").fill("the plan stands");
      await follow(page, "[aria-labelledby=phase] .acting button");
      await find(".head.project .badge", { hasText: "in progress" }).waitFor();
      await find(".settings > .done", { hasText: "becomes in progress" }).waitFor();
      await follow(page, "[aria-labelledby=end] summary");
      await page.locator("[aria-labelledby=end] .acting input").fill("another plan is better");
      await follow(page, "[aria-labelledby=end] .acting button");
      await find(".head.project .badge", { hasText: "archived" }).waitFor();
      await page.locator(".governing").waitFor({ state: "detached" });
    },

    /** As who could do all of it: tasks and settings as they were are told, and nothing can be done about them. */
    async looksBack() {
      await go(`${SHOP}/tasks`, task("plan", '[data-status="DONE"]'));
      const { sequence } = await ask("plan");
      await go(`${SHOP}/tasks?at=${sequence - 1}`, task("plan", '[data-status="OPEN"]'));
      await follow(page, "#task-plan");
      await find(task("plan", " .facts")).waitFor();
      assert.equal(await page.locator(".past :is(.step, .adding, form)").count(), 0);
      await go(`${SHOP}/settings?at=2`, "[aria-label=Policy]");
      assert.equal(await page.locator(".settings form").count(), 0);
      await look(view, "settings-to-read");
      await go(`${PLAN}/tasks`, ".empty");
      await look(view, "no-tasks");
    },
  };
}
