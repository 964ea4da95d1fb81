import { expect, test } from "vitest";
import { address } from "../src/api/client";
import { eventOf } from "../src/live/event";
import { ago, count, listed, span } from "../src/parts/words";

test("an event of the log is read with its project and place", () => {
  const stored = { id: "x", type: "psmp.conflict.detected.v1", subject: "default/rag", time: "2026-01-01T00:00:00Z", actor: "A", sequence: 7, data: {} };
  const found = eventOf("conflict.detected", "118", JSON.stringify(stored));
  expect(found).toMatchObject({ position: 118, kind: "conflict.detected", project: "rag", sequence: 7, actor: "A" });
});

test("what is no event of ours is none", () => {
  for (const [id, data] of [[null, "{}"], ["x", "{}"], ["1", "{"], ["1", "{}"]] as const) expect(eventOf("a.b", id, data)).toBeNull();
});

test("an address has its names escaped and leaves out what is not said", () => {
  expect(address("/p/{project}/x", { path: { project: "a/b" }, query: { q: "x y", none: undefined, many: ["1", "2"] } })).toBe("/p/a%2Fb/x?q=x+y&many=1&many=2");
  expect(address("/p")).toBe("/p");
});

test("spans, counts and lists read as people write them", () => {
  expect([0, 119_999, 120_000, 3_600_000, 3_900_000, 90_000_000, 9 * 86_400_000].map(span)).toEqual(["0 s", "119 s", "2 min", "1 h", "1 h 5 min", "1 d 1 h", "9 d"]);
  expect(ago("2026-01-01T00:00:00Z", Date.parse("2026-01-01T00:00:01Z"))).toBe("just now");
  expect(ago("2026-01-01T00:00:00Z", Date.parse("2026-01-01T00:04:00Z"))).toBe("4 min ago");
  expect([count(1, "way"), count(0, "way"), count(1234, "entry", "entries")]).toEqual(["1 way", "0 ways", "1,234 entries"]);
  expect([listed([]), listed(["a"]), listed(["a", "b", "c"])]).toEqual(["", "a", "a, b and c"]);
});
