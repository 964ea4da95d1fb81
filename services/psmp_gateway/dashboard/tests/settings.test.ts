import { describe, expect, test } from "vitest";
import lifecycle from "../../../../docs/lifecycle.md?raw";
import openapi from "../../../../docs/openapi.json?raw";
import type { Phase, Status } from "../src/api/words";
import { LEFT, MEANING, NEXT, canBeArchived, next } from "../src/screens/settings/phases";
import { type Governed, POLICY, changeOf, formOf, judgesAnew, nameOf, others, rebased } from "../src/screens/settings/policy";

const SEEN: Governed = { name: "RAG", targets: [{ python: "3.11", platform: "linux", machine: null }], policy: { strict_mode: true, auto_resolve: true, resolvers: ["fixer"], lease_seconds: 90 } as Status["policy"] };
const FORM = formOf(SEEN);

describe("phases", () => {
  const told = [...lifecycle.matchAll(/^ {4}([A-Z_]+) --> ([A-Z_]+): people$/gm)].map(([, from, to]) => [from, to] as [Phase, Phase]);

  test("that may be asked for are those of the lifecycle", () => {
    const here = Object.entries(NEXT).flatMap(([from, all]) => all.map((to) => `${from} ${to}`));
    expect(here).toEqual(told.filter(([, to]) => to !== "ARCHIVED").map((each) => each.join(" ")));
    expect(LEFT).toEqual(told.filter(([, to]) => to === "ARCHIVED").map(([from]) => from));
    expect(Object.keys(MEANING)).toEqual(Object.keys(NEXT));
  });

  test("are not asked for while conflicts block, whatever phase is written", () => {
    expect(next({ state: "BLOCKED", phase: "IN_PROGRESS" })).toEqual([]);
    expect(canBeArchived({ state: "BLOCKED", phase: "IN_PROGRESS" })).toBe(false);
    expect(next({ state: "IN_PROGRESS", phase: "IN_PROGRESS" })).toEqual(["COMPLETED"]);
    expect(canBeArchived({ state: "ARCHIVED", phase: "ARCHIVED" })).toBe(false);
  });
});

describe("a project", () => {
  test("has a field for every part of the policy", () => {
    const described = JSON.parse(openapi) as { components: { schemas: { Policy: { properties: object } } } };
    expect(POLICY.map((each) => each.name).sort()).toEqual(Object.keys(described.components.schemas.Policy.properties).sort());
  });

  test("that is not touched is not changed", () => {
    expect(changeOf(SEEN, FORM)).toBeNull();
    expect(changeOf(SEEN, { ...FORM, policy: { ...FORM.policy, resolvers: "fixer ," } })).toBeNull();
    expect(judgesAnew(null)).toBe(false);
    expect(others(FORM, FORM)).toEqual([]);
  });

  test("is sent with what is otherwise alone, each in its form", () => {
    const form = { ...FORM, name: "Chat ", policy: { ...FORM.policy, strict_mode: false, resolvers: "ada bob", lease_seconds: "120", privileged: "" } };
    expect(changeOf(SEEN, form)).toEqual({ name: "Chat", policy: { strict_mode: false, resolvers: ["ada", "bob"], lease_seconds: 120 } });
    expect(judgesAnew(changeOf(SEEN, form))).toBe(false);
    expect(others(FORM, form)).toEqual([
      { what: "Name", before: "RAG", after: "Chat" },
      { what: "Any conflict blocks", before: "yes", after: "no" },
      { what: "Resolvers", before: "fixer", after: "ada, bob" },
      { what: "Lease", before: "90", after: "120" },
    ]);
    expect(changeOf(SEEN, { ...FORM, policy: { ...FORM.policy, resolvers: "" } })).toEqual({ policy: { resolvers: [] } });
  });

  test("with other targets has everything judged anew", () => {
    const change = changeOf(SEEN, { ...FORM, targets: [...SEEN.targets, { python: "3.12", platform: "macos", machine: "arm64" }] });
    expect(change).toEqual({ targets: [...SEEN.targets, { python: "3.12", platform: "macos", machine: "arm64" }] });
    expect(judgesAnew(change)).toBe(true);
    expect(nameOf({})).toBe("python3.11-linux");
  });

  test("that another has changed keeps what is filled in, and takes the rest", () => {
    const mine = { ...FORM, name: "Chat", policy: { ...FORM.policy, strict_mode: false } };
    const theirs = formOf({ ...SEEN, name: "Other", targets: [{ python: "3.12" }], policy: { ...SEEN.policy, lease_seconds: 30 } });
    expect(rebased(FORM, mine, theirs)).toEqual({ name: "Chat", targets: [{ python: "3.12" }], policy: { ...theirs.policy, strict_mode: false } });
    const own = { ...FORM, targets: [{ python: "3.13" }] };
    expect(rebased(FORM, own, theirs)).toMatchObject({ name: "Other", targets: [{ python: "3.13" }] });
  });
});
