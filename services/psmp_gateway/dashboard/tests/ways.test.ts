import { describe, expect, test } from "vitest";
import type { Conflict, Resolution, Status } from "../src/api/words";
import { begun, actionsFor, artifactsFor, changeOf, instead, isOther, isWhole, namesFor } from "../src/screens/project/changing";
import { foretold } from "../src/screens/project/foretelling";
import { spelled } from "../src/screens/project/spelling";

const CONFLICT = { id: "C-1", kind: "version", subject: "pandas", parties: [{ artifact: "book" }] } as unknown as Conflict;
const STATUS = {
  artifacts: [
    { artifact: "api", agent: "ada", status: "ACTIVE", dependencies: [{ name: "react", constraint: "^19" }], paths: [{ path: "a.py" }] },
    { artifact: "book", agent: "bob", status: "DRAFT", dependencies: [{ name: "flask", reference: "git+x" }, { name: "Pandas", constraint: "==1.5.*" }], paths: [], requires_python: ">=3.11" },
    { artifact: "gone", agent: "bob", status: "ARCHIVED", dependencies: [], paths: [] },
  ],
} as unknown as Status;

describe("a change that is filled in", () => {
  test("begins with a party's need of what clashes, as it stands", () => {
    expect(artifactsFor(STATUS, CONFLICT).map((each) => each.artifact)).toEqual(["book", "api"]);
    const wish = begun(STATUS, CONFLICT);
    expect(wish).toEqual({ artifact: "book", action: "require", name: "Pandas", value: "==1.5.*" });
    expect([isWhole(wish), isOther(STATUS, wish), isOther(STATUS, { ...wish, value: ">=2" })]).toEqual([true, false, true]);
  });

  test("is sent as what it says, in its owner's name", () => {
    const wish = begun(STATUS, CONFLICT, "book", "require");
    expect(changeOf(STATUS, { ...wish, value: " >=2 " })).toEqual({ artifact: "book", agent: "bob", action: "require", name: "Pandas", constraint: ">=2" });
    expect(changeOf(STATUS, { ...wish, value: "@ git+y" })).toMatchObject({ constraint: "", reference: "git+y" });
    expect(changeOf(STATUS, begun(STATUS, CONFLICT, "book", "isolate"))).toMatchObject({ name: "book", environment: "book" });
    expect(changeOf(STATUS, begun(STATUS, CONFLICT, "book", "python"))).toMatchObject({ name: "python", constraint: ">=3.11" });
    expect(changeOf(STATUS, begun(STATUS, CONFLICT, "api", "release"))).toMatchObject({ agent: "ada", name: "a.py", action: "release" });
    expect(changeOf(STATUS, { ...wish, artifact: "nobody" }).agent).toBe("");
  });

  test("is not sent while it lacks something", () => {
    const wish = begun(STATUS, CONFLICT);
    expect(isWhole({ ...wish, artifact: "" })).toBe(false);
    expect(isWhole({ ...wish, name: "" })).toBe(false);
    expect(isWhole({ ...wish, action: "isolate", value: " " })).toBe(false);
    expect(isOther(STATUS, begun(STATUS, CONFLICT, "book", "isolate"))).toBe(true);
    expect(isOther(STATUS, begun(STATUS, CONFLICT, "api", "release"))).toBe(true);
    expect(begun({ artifacts: [] } as unknown as Status, CONFLICT).artifact).toBe("");
  });

  test("takes the place of what a proposal would change of the same owner's, and of nothing else", () => {
    const [his, hers, other] = [{ artifact: "book", agent: "bob" }, { artifact: "api", agent: "ada" }, { artifact: "book", agent: "bob", name: "flask" }];
    expect(instead({ changes: [his, hers] } as unknown as Resolution, "bob", [other] as never)).toEqual([hers, other]);
    expect(instead({} as unknown as Resolution, "bob", [other] as never)).toEqual([other]);
  });

  test("offers what can help against the kind of conflict", () => {
    expect([actionsFor("path"), actionsFor("python")[0], actionsFor("transitive")[0]]).toEqual([["release"], "python", "require"]);
    expect(namesFor(STATUS.artifacts[0], "release")).toEqual(["a.py"]);
    expect(namesFor(undefined, "require")).toEqual([]);
  });
});

describe("what would come of a way out", () => {
  const found = { conflict: "C-1", sequence: 9, does: true, cleared: ["C-1"], allowed: true };
  const texts = (strategy: string, more: object) => foretold(strategy, { ...found, ...more }).map((each) => each.text);

  test("is said with what goes on to block, who is asked and who may", () => {
    expect(texts("accept", {})).toEqual(["It would clear C-1. Nothing would block the project."]);
    expect(texts("retry", { blocking: ["C-2"], otherwise: ["C-2"], asked: ["ada", "bob"] })).toEqual([
      "It would clear C-1. C-2 would stay, with other parties or ways out. C-2 would still block the project.",
      "ada and bob would be asked first.",
    ]);
    expect(texts("waive", { cleared: [], allowed: false, deciding: ["boss", "fixer"] })).toEqual([
      "C-1 would stay open and block nothing. Nothing would block the project.",
      "It is not yours to decide: boss or fixer may.",
    ]);
    expect(texts("escalate", { blocking: ["C-1"] })).toEqual(["An alert would lie in the inbox until somebody takes it in hand."]);
    expect(texts("change", { cleared: [] })[0]).toContain("only the package resolver can say");
    expect(texts("change", { does: false, reason: "it changes nothing", allowed: false })).toEqual(["Nothing would be done: it changes nothing.", "It is not yours to decide: who governs the project may."]);
  });
});

describe("what a status says", () => {
  test.each([
    [null, ""],
    [true, "yes"],
    [["a", "b"], "a, b"],
    [[{ name: "pandas", constraint: ">=2" }, { name: "pytest", constraint: "", scope: "dev" }], "pandas>=2; pytest (dev)"],
    [{ path: "a.py", mode: "read" }, "read a.py"],
    [{ path: "a.py" }, "a.py"],
    [{ id: "C-1", text: "because" }, "C-1: because"],
    [{ n: 1, text: "take it" }, "take it"],
    [{ agent: "ada", artifact: "api", constraint: ">=2" }, "ada: api >=2"],
    [{ max_agents: 5, none: null }, "max agents 5"],
  ])("is spelled for people: %o", (value, text) => {
    expect(spelled(value)).toBe(text);
  });
});
