import { describe, expect, test } from "vitest";
import type { Artifact, Conflict, Dependency, Status } from "../src/api/words";
import { needs, wanted } from "../src/screens/project/needs";
import { steps } from "../src/screens/project/preview";

function artifact(name: string, dependencies: Dependency[], more: Partial<Artifact> = {}): Artifact {
  return { artifact: name, agent: `${name}-agent`, type: "code", version: 1, status: "ACTIVE", summary: "", dependencies, paths: [], sequence: 3, time: "2026-01-01T00:00:00Z", ...more };
}

const CLASH: Conflict = {
  id: "C-1",
  kind: "version",
  ecosystem: "pypi",
  subject: "pandas",
  scope: "runtime",
  severity: "critical",
  environments: [],
  causes: [["api", "book"]],
  parties: [
    { artifact: "api", version: 1, agent: "api-agent", constraint: ">=2", sequence: 3 },
    { artifact: "book", version: 1, agent: "book-agent", constraint: "==1.5.*", sequence: 3 },
  ],
  text: "",
};

const STATUS = {
  project: "p",
  conflicts: [CLASH],
  artifacts: [
    artifact("api", [{ name: "Pandas", constraint: ">=2", purpose: "frames", location: "pyproject.toml:4" }, { name: "react", ecosystem: "npm", constraint: "^19" }]),
    artifact("book", [{ name: "pandas", constraint: "==1.5.*" }, { name: "pandas", constraint: ">=1", scope: "dev" }], { requires_python: ">=3.11", paths: [{ path: "a.py", mode: "write" }] }),
    artifact("gone", [{ name: "flask" }], { status: "ARCHIVED" }),
  ],
} as unknown as Status;

describe("the table of needs", () => {
  test("has every need that stands, by package, with its conflict and how many share it", () => {
    const found = needs(STATUS);
    expect(found.map((each) => [each.name, each.artifact, each.conflict, each.shared])).toEqual([
      ["Pandas", "api", "C-1", 2],
      ["pandas", "book", "C-1", 2],
      ["pandas", "book", "C-1", 2],
      ["react", "api", null, 1],
    ]);
  });

  test("is narrowed by every filter", () => {
    const all = { text: "", scope: "", ecosystem: "", clashing: false };
    const found = needs(STATUS);
    expect(wanted(found, all)).toEqual(found);
    expect(wanted(found, { ...all, ecosystem: "npm" }).map((each) => each.name)).toEqual(["react"]);
    expect(wanted(found, { ...all, scope: "dev" }).map((each) => each.constraint)).toEqual([">=1"]);
    expect(wanted(found, { ...all, clashing: true }).length).toBe(3);
    expect(wanted(found, { ...all, text: " FRAMES " }).map((each) => each.artifact)).toEqual(["api"]);
    expect(wanted(found, { ...all, text: "toml:4" }).length).toBe(1);
  });
});

describe("the preview of a suggestion", () => {
  const change = { artifact: "book", agent: "book-agent", name: "pandas", constraint: ">=2" };

  test("says what each need is and would be, and where it is written", () => {
    expect(steps(STATUS, CLASH, [{ ...change, artifact: "api", agent: "api-agent", name: "pandas", constraint: "" }])).toEqual([
      { artifact: "api", agent: "api-agent", what: "pandas", before: ">=2", after: "any", location: "pyproject.toml:4" },
    ]);
  });

  test("changes every need of the package, or the one of a scope", () => {
    expect(steps(STATUS, CLASH, [change]).map((each) => each.before)).toEqual(["==1.5.*", ">=1"]);
    expect(steps(STATUS, CLASH, [{ ...change, scope: "dev" }]).map((each) => each.before)).toEqual([">=1"]);
  });

  test("shows environments, Python and paths", () => {
    const found = steps(STATUS, CLASH, [
      { ...change, action: "isolate", environment: "book" },
      { ...change, action: "python", constraint: ">=3.12" },
      { ...change, action: "release", name: "a.py" },
    ]);
    expect(found.map((each) => [each.what, each.before, each.after])).toEqual([
      ["environment", "shared", "book"],
      ["Python", ">=3.11", ">=3.12"],
      ["a.py", "write", "not claimed"],
    ]);
  });

  test("of an artifact that is gone says that there was nothing", () => {
    expect(steps(STATUS, CLASH, [{ ...change, artifact: "nobody" }])[0]).toMatchObject({ before: "nothing" });
  });
});
