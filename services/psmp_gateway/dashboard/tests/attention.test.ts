import { expect, test } from "vitest";
import type { ProjectLine } from "../src/api/words";
import { byAttention, needsAttention } from "../src/screens/attention";

function line(project: string, state: ProjectLine["state"], since = "2026-01-01T00:00:00Z", conflicts = 0): ProjectLine {
  return { project, name: project, state, since, sequence: 1, time: since, artifacts: 0, conflicts };
}

test("what was blocked longest comes first, then what has conflicts, then the rest by state and name", () => {
  const lines = [
    line("z-done", "COMPLETED"),
    line("b", "IN_PROGRESS"),
    line("a", "IN_PROGRESS"),
    line("tolerant", "IN_PROGRESS", undefined, 1),
    line("new-block", "BLOCKED", "2026-01-03T00:00:00Z", 1),
    line("old-block", "BLOCKED", "2026-01-02T00:00:00Z", 2),
    line("in-hand", "RESOLVING", "2026-01-01T00:00:00Z", 1),
  ];
  const order = [...lines].sort(byAttention).map((each) => each.project);
  expect(order).toEqual(["old-block", "new-block", "in-hand", "tolerant", "a", "b", "z-done"]);
  expect(lines.filter(needsAttention).map((each) => each.project).sort()).toEqual(["in-hand", "new-block", "old-block", "tolerant"]);
});

test("an archived project needs nobody, whatever it had", () => {
  expect(needsAttention(line("old", "ARCHIVED", undefined, 3))).toBe(false);
});
