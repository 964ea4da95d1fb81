import { expect, test } from "vitest";
import { unsealed } from "../src/live/sealed";

const TOKEN = "[sealed:1:rag:ada:reason:0011223344556677:AbC_-9]";

test("what a person wrote reads as it was written, wherever it stands", () => {
  const document = { reason: `because ${TOKEN}`, list: [{ text: TOKEN }, 3, null], number: 1, flag: true };
  expect(unsealed(document, { [TOKEN]: "of $& me" })).toEqual({ reason: "because of $& me", list: [{ text: "of $& me" }, 3, null], number: 1, flag: true });
});

test("what is erased stays sealed, and says so", () => {
  expect(unsealed({ reason: TOKEN }, {})).toEqual({ reason: "[sealed]" });
});
