import { describe, expect, test } from "vitest";
import { SPANS, beginnings, figure, filled, labelledPlaces, roundedUp, written } from "../src/parts/reckoning";

const NOW = Date.parse("2026-11-21T10:15:30.5Z");

describe("a chart", () => {
  test.each(SPANS)("over $label has all its stretches, the last under way", (span) => {
    const begins = beginnings(span, NOW);
    expect(begins).toHaveLength(span.count);
    expect(Date.parse(begins.at(-1)!)).toBeLessThanOrEqual(NOW);
    expect([...begins].sort()).toEqual(begins);
    expect(begins[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00Z$/);
  });

  test("has an empty point where nothing happened", () => {
    const begins = beginnings(SPANS[1]!, NOW);
    const point = { begin: "2026-11-21T09:00:00.000000Z", events: 3 };
    const points = filled([point], begins);
    expect(points).toHaveLength(24);
    expect(points[22]).toBe(point);
    expect(points[23]).toEqual({ begin: "2026-11-21T10:00:00Z" });
  });

  test.each([[0, 1], [0.3, 0.5], [1, 1], [1.1, 2], [7, 10], [20, 20], [21, 50], [999, 1000]])("whose most is %d goes up to %d", (most, top) => {
    expect(roundedUp(most)).toBeCloseTo(top);
  });

  test("labels the last place, and none that meets another", () => {
    const places = [...labelledPlaces(30, 10, 48)];
    expect(places.at(-1)).toBe(29);
    for (const [at, place] of places.entries()) if (at > 0) expect((place - places[at - 1]!) * 10).toBeGreaterThanOrEqual(48);
  });

  test("writes days as days and hours as hours, and no more digits than one reads", () => {
    expect(written("2026-11-21T10:15:00Z", "day")).toBe("11-21");
    expect(written("2026-11-21T10:15:00Z", "hour")).toBe("10:15");
    expect([3, 0.456, 12.34, 123.4, 4000].map(figure)).toEqual(["3", "0.46", "12", "123", "4,000"]);
  });
});
