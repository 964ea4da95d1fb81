import { describe, expect, test } from "vitest";
import type { Slot } from "../src/api/words";
import type { Agent } from "../src/live/record";
import { pulses } from "../src/screens/project/hearts";

const NOW = Date.parse("2026-11-26T12:00:00Z");

function at(seconds: number): string {
  return new Date(NOW - seconds * 1000).toISOString();
}

function slot(agent: string, since: number): Slot {
  return { agent, fence: 3, since: at(since), lease_seconds: 90, declared: false };
}

function agent(name: string, more: Partial<Agent> = {}): Agent {
  return { agent: name, silent: false, leaving: false, ...more };
}

describe("heartbeats", () => {
  const found = pulses(
    [
      agent("absent"),
      agent("fresh", { heard: at(4), running: [slot("fresh", 300)] }),
      agent("granted", { running: [slot("granted", 10)] }),
      agent("gone", { heard: at(5), leaving: true }),
      agent("late", { heard: at(60), running: [slot("late", 300)] }),
      agent("over", { heard: at(100), running: [slot("over", 300)] }),
      agent("told", { heard: at(40), silent: true }),
      agent("waits", { heard: at(9) }),
      agent("old", { heard: at(900) }),
    ],
    90,
    NOW,
  );

  test("tell the silent first, then who is late, then who runs, and who was never heard last", () => {
    expect(found.map(({ agent: { agent: name }, beat }) => `${name} ${beat}`)).toEqual([
      "over silent",
      "told silent",
      "late late",
      "fresh alive",
      "granted alive",
      "waits alive",
      "old left",
      "gone left",
      "absent never",
    ]);
  });

  test("keep a slot for its lease after the last one, or after it was granted", () => {
    const lease = new Map(found.map((each) => [each.agent.agent, each.lease === null ? null : each.lease / 1000]));
    expect([lease.get("fresh"), lease.get("granted"), lease.get("over"), lease.get("waits")]).toEqual([86, 80, -10, null]);
    expect(found.find((each) => each.agent.agent === "fresh")!.since).toBe(4000);
  });

  test("that come from a clock ahead are of now", () => {
    expect(pulses([agent("ahead", { heard: at(-3) })], 90, NOW)[0]!.since).toBe(0);
  });
});
