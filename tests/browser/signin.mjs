// Somebody signs in with the organization's issuer: one button, pressed with the keyboard, and back at the address asked for.
import assert from "node:assert/strict";
import process from "node:process";
import { follow, look, open } from "./page.mjs";

const { PSMP_TEST_SITE: site, PSMP_TEST_ISSUER: issuer, PSMP_TEST_CHROMIUM: chromium, PSMP_TEST_PICTURES: pictures } = process.env;
const view = await open(chromium, site, pictures);
const { page } = view;
try {
  await page.goto(`${site}/ui/compliance?framework=soc2`);
  await page.locator("a.button", { hasText: "Sign in with your organization" }).waitFor();
  await look(view, "sign-in-with-issuer");
  await follow(page, "a.button");
  await page.locator(".who", { hasText: "ada as admin" }).waitFor();
  assert.equal(page.url(), `${site}/ui/compliance?framework=soc2`);
  await follow(page, ".who button");
  await page.locator("a.button", { hasText: "Sign in with your organization" }).waitFor();
  const elsewhere = view.wrong.filter((each) => each.startsWith(`asked elsewhere: ${issuer}/authorize?`));
  assert.equal(elsewhere.length, 1, String(view.wrong));
  assert.deepEqual(view.wrong.filter((each) => !elsewhere.includes(each)), []);
} catch (error) {
  console.log(page.url(), view.wrong, await page.locator("body").innerText({ timeout: 1000 }).catch(() => "(no page)"));
  throw error;
} finally {
  await view.browser.close();
}
