import { describe, expect, test } from "vitest";
import type { NumberLine, Stretch } from "../src/api/words";
import { bar, labelled, rows, scale, stretchWords, stretchesWords } from "../src/screens/project/line";

const POINTS = ["1.5", "1.6", "2.0", "3"];
const OLD: Stretch = { lower: "1.5", upper: "1.6", with_lower: true, with_upper: false };
const NEW: Stretch = { lower: "2.0", upper: "3", with_lower: true, with_upper: false };
const LINE: NumberLine = {
  subject: "pandas",
  points: POINTS,
  lanes: [
    { artifact: "api", agent: "Coder", constraint: ">=2.0,<3", stretches: [NEW] },
    { artifact: "book", agent: "Notebook", constraint: "==1.5.*", stretches: [OLD] },
  ],
  ways: [
    { n: 1, lanes: [{ artifact: "book", agent: "Notebook", constraint: ">=2.0,<3", stretches: [NEW] }], common: [NEW] },
    { n: 2, leaves: ["book"], common: [NEW] },
  ],
};

describe("the geometry of the line", () => {
  const scaled = scale(POINTS, 500);

  test("spaces points evenly, with room on both sides", () => {
    expect([...scaled.places.values()]).toEqual([100, 200, 300, 400]);
    expect([scaled.begin, scaled.end]).toEqual([0, 500]);
  });

  test("draws a stretch from point to point, and says which end belongs to it", () => {
    expect(bar(OLD, scaled)).toEqual({ from: 100, to: 200, left: "with", right: "without" });
  });

  test("draws what has no end to the edge", () => {
    expect(bar({ lower: "2.0", with_lower: false }, scaled)).toEqual({ from: 300, to: 500, left: "without", right: "endless" });
    expect(bar({}, scaled)).toEqual({ from: 0, to: 500, left: "endless", right: "endless" });
  });

  test("never draws beyond the edges, whatever the width", () => {
    for (const width of [1, 160, 390, 1200]) {
      for (const stretch of [OLD, NEW, {}, { lower: "9" }, { upper: "9" }] as Stretch[]) {
        const { from, to } = bar(stretch, scale(POINTS, width));
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(width);
        expect(from).toBeLessThanOrEqual(to);
      }
    }
  });

  test("labels points as far as they do not run into each other", () => {
    expect(labelled(POINTS, 500)).toEqual(POINTS);
    const many = Array.from({ length: 40 }, (_, n) => `10.${n}.0`);
    const shown = labelled(many, 400);
    expect(shown.length * 55).toBeLessThanOrEqual(400);
    expect(shown.length).toBeGreaterThan(2);
    expect(labelled([], 400)).toEqual([]);
  });
});

describe("the rows of the line", () => {
  test("are as declared, and share nothing", () => {
    const { rows: found, common } = rows(LINE, null);
    expect(found.map((each) => [each.agent, each.constraint, each.before])).toEqual([
      ["Coder", ">=2.0,<3", null],
      ["Notebook", "==1.5.*", null],
    ]);
    expect(common).toEqual([]);
  });

  test("show what a suggestion changes, and how it was", () => {
    const { rows: found, common } = rows(LINE, 1);
    expect(found[1]).toMatchObject({ constraint: ">=2.0,<3", before: "==1.5.*", stretches: [NEW], leaves: false });
    expect(found[0]).toMatchObject({ before: null });
    expect(common).toEqual([NEW]);
  });

  test("show who leaves the line", () => {
    expect(rows(LINE, 2).rows[1]).toMatchObject({ leaves: true, before: null });
  });

  test("of a suggestion that there is not are as declared", () => {
    expect(rows(LINE, 9)).toEqual(rows(LINE, null));
  });
});

test("stretches in words", () => {
  const cases: [Stretch, string][] = [
    [{}, "any version"],
    [OLD, "1.5 ≤ v < 1.6"],
    [{ lower: "2", upper: "2", with_lower: true, with_upper: true }, "2 alone"],
    [{ lower: "2", with_lower: true }, "2 and newer"],
    [{ lower: "2" }, "newer than 2"],
    [{ upper: "2", with_upper: true }, "up to 2"],
    [{ upper: "2" }, "older than 2"],
  ];
  for (const [stretch, words] of cases) expect(stretchWords(stretch)).toBe(words);
  expect(stretchesWords([])).toBe("none");
  expect(stretchesWords([OLD, NEW])).toBe("1.5 ≤ v < 1.6, or 2.0 ≤ v < 3");
});
