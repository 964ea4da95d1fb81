import { describe, expect, test } from "vitest";
import { CLOSED, type Happening, type Link, next, pause } from "../src/live/link";
import { linkWords } from "../src/live/wording";

function after(...happenings: Happening[]): Link {
  return happenings.reduce(next, CLOSED);
}

const BEAT: Happening = { kind: "beat", position: 10, behind: 0, trouble: "" };

describe("the link to the log", () => {
  test("is live from the first sign of life on, and knows where", () => {
    expect(after({ kind: "open" }).state).toBe("opening");
    expect(after({ kind: "open" }, BEAT)).toMatchObject({ state: "live", position: 10, behind: 0, since: null });
  });

  test("is less behind with every event", () => {
    const link = after({ kind: "beat", position: 10, behind: 5, trouble: "" }, { kind: "event", position: 13, delay: null });
    expect(link).toMatchObject({ position: 13, behind: 2 });
  });

  test("counts vain attempts and keeps the moment when it was lost", () => {
    const lost = (now: number): Happening => ({ kind: "lost", now, again: now + 500, why: "gone" });
    const link = after(BEAT, lost(1000), { kind: "retry" }, lost(2000));
    expect(link).toMatchObject({ state: "waiting", attempts: 2, since: 1000, again: 2500, position: 10 });
    expect(next(link, BEAT)).toMatchObject({ state: "live", attempts: 0, since: null, why: "" });
  });

  test("forgets its place when it is told to read anew", () => {
    expect(after(BEAT, { kind: "resync" }).position).toBeNull();
  });

  test("says in words what it is", () => {
    expect(linkWords(after(BEAT), 0)).toMatchObject({ tone: "good", text: "live · 10" });
    expect(linkWords(after({ ...BEAT, behind: 3 }), 0)).toMatchObject({ tone: "warn", text: "3 behind" });
    expect(linkWords(after({ ...BEAT, trouble: "the log cannot be read" }), 0)).toMatchObject({ tone: "bad", text: "stale" });
    const lost = after(BEAT, { kind: "lost", now: 1000, again: 3000, why: "gone" });
    expect(linkWords(lost, 1500).text).toBe("reconnecting in 2 s (1)");
  });
});

describe("the pause before an attempt", () => {
  test("grows to an end, and is never none", () => {
    expect(pause(1, 0)).toBe(125);
    for (let attempt = 1; attempt < 60; attempt++) {
      expect(pause(attempt, 0.999)).toBeLessThanOrEqual(4000);
      expect(pause(attempt, 0)).toBeGreaterThan(100);
      expect(pause(attempt + 1, 0.5)).toBeGreaterThanOrEqual(pause(attempt, 0.5));
    }
  });
});
