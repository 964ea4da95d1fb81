import { expect, test } from "vitest";
import { pieces } from "../src/parts/emphasis";

const PARTIES = [
  { artifact: "a", version: 1, agent: "Coder", constraint: ">=2.0", sequence: 1 },
  { artifact: "b", version: 1, agent: "CoderTwo", constraint: "==1.5.*", sequence: 2 },
];

test("facts are marked, the longest first, and nothing of the sentence is lost", () => {
  const text = "Because Coder requires pandas>=2.0 and CoderTwo requires pandas==1.5.*, no version of pandas fits.";
  const found = pieces({ text, subject: "pandas", parties: PARTIES });
  expect(found.map((each) => each.text).join("")).toBe(text);
  expect(found.filter((each) => each.fact === "who").map((each) => each.text)).toEqual(["Coder", "CoderTwo"]);
  expect(found.filter((each) => each.fact === "what").map((each) => each.text)).toEqual(["pandas>=2.0", "pandas==1.5.*", "pandas"]);
});

test("a name within a word is no fact", () => {
  const found = pieces({ text: "geopandas and pandas-stubs are no pandas", subject: "pandas", parties: [] });
  expect(found.filter((each) => each.fact).length).toBe(1);
});
