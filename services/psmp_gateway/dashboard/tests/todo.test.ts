import { describe, expect, test } from "vitest";
import type { Planned, Status } from "../src/api/words";
import { changeOf, everybody, fieldsOf, governors, idFor, ids, isUnderWay, mayChange, nextStep, others } from "../src/screens/tasks/planning";
import { NOBODY, agentsOf, fitting, isUndone, todos } from "../src/screens/tasks/todo";

function planned(task: string, more: Partial<Planned> = {}): Planned {
  return { task, status: "OPEN", title: task.toUpperCase(), details: "", agent: null, artifacts: [], by: "boss", since: "2026-01-01T00:00:03Z", sequence: 9, time: "2026-01-01T00:00:03Z", reason: "", ...more };
}

const STATUS = {
  project: "p",
  creator: "boss",
  phase: "IN_PROGRESS",
  since: "2026-01-01T00:00:05Z",
  policy: { resolvers: ["fixer", "boss"], answer_seconds: 60 },
  slots: [{ agent: "cy" }],
  waiting: [{ agent: "di" }],
  artifacts: [{ artifact: "api", status: "ACTIVE", agent: "ada" }, { artifact: "book", status: "DRAFT", agent: "bob" }],
  conflicts: [{ id: "C-1", subject: "pandas" }, { id: "C-2", subject: "a.py" }, { id: "C-3", subject: "numpy" }],
  waivers: [{ conflict: "C-3" }],
  resolutions: [
    { resolution: "R-1", conflict: "C-1", by: "fixer", since: "2026-01-01T00:00:00Z", unanswered: ["ada", "bob"], changes: [{ artifact: "book" }, { artifact: "book" }], seconds: 30 },
    { resolution: "R-2", conflict: "C-9", by: "fixer", since: "2026-01-01T00:00:00Z", unanswered: ["ada"] },
    { resolution: "R-3", conflict: "C-1", by: "fixer", since: "2026-01-01T00:00:00Z", unanswered: [] },
  ],
  tasks: [
    planned("old", { status: "DONE", since: "2026-01-01T00:00:01Z" }),
    planned("newer", { status: "DONE", since: "2026-01-01T00:00:02Z" }),
    planned("gone", { status: "ARCHIVED" }),
    planned("later", { since: "2026-01-01T00:00:09Z" }),
    planned("sooner", { status: "IN_PROGRESS", agent: "ada", artifacts: ["api", "book", "site"], since: "2026-01-01T00:00:04Z" }),
  ],
} as unknown as Status;

describe("what is to be done", () => {
  const all = todos(STATUS);

  test("is there with what others wait for first, then what is planned, then what is done, the newest of it first", () => {
    expect(all.map((each) => each.id)).toEqual(["answer:R-1", "resolve:C-2", "sooner", "later", "newer", "old", "gone"]);
    expect(todos({ ...STATUS, tasks: undefined, resolutions: undefined, waivers: undefined } as unknown as Status).map((each) => each.id)).toEqual(["resolve:C-1", "resolve:C-2", "resolve:C-3"]);
  });

  test("about a conflict says who is asked, about what, and until when", () => {
    expect(all[0]).toMatchObject({ agents: ["ada", "bob"], conflict: "C-1", title: "Answer R-1: fixer would change book", until: "2026-01-01T00:00:30.000Z" });
    expect(all[1]).toMatchObject({ agents: ["fixer", "boss"], conflict: "C-2", title: "Resolve C-2: a.py" });
  });

  test("an answer has the time that the policy gives, or five minutes", () => {
    const open = { ...STATUS.resolutions![0]!, seconds: null, changes: [] };
    const of = (policy: Status["policy"]) => todos({ ...STATUS, policy, resolutions: [open] })[0];
    expect(of({ answer_seconds: 60 })).toMatchObject({ until: "2026-01-01T00:01:00.000Z", title: "Answer R-1: fixer would change something" });
    expect(of({})!.until).toBe("2026-01-01T00:05:00.000Z");
  });

  test("says how each artifact stands that shall come of it", () => {
    expect(all.find((each) => each.id === "sooner")!.made).toEqual([{ artifact: "api", state: "ACTIVE" }, { artifact: "book", state: "DRAFT" }, { artifact: "site", state: "" }]);
  });

  test("is narrowed by every filter; archived ones are there when they are asked for", () => {
    const filter = { status: "", kind: "", agent: "" };
    expect(fitting(all, filter).map((each) => each.id)).not.toContain("gone");
    expect(fitting(all, { ...filter, status: "ARCHIVED" }).map((each) => each.id)).toEqual(["gone"]);
    expect(fitting(all, { ...filter, kind: "resolve" }).map((each) => each.id)).toEqual(["resolve:C-2"]);
    expect(fitting(all, { ...filter, agent: "ada" }).map((each) => each.id)).toEqual(["answer:R-1", "sooner"]);
    expect(fitting(all, { ...filter, agent: NOBODY, status: "OPEN" }).map((each) => each.id)).toEqual(["later"]);
    expect(agentsOf(all)).toEqual(["ada", "bob", "boss", "fixer"]);
    expect(all.filter(isUndone).length).toBe(4);
  });
});

describe("a task", () => {
  test("is changed by whoever made it, whose it is, or who governs the project", () => {
    const task = planned("t", { by: "cy", agent: "ada" });
    expect(["cy", "ada", "boss", "fixer", "eve", ""].map((each) => mayChange(STATUS, task, each))).toEqual([true, true, true, true, false, false]);
    expect(governors({ creator: "psmp_intake", policy: { resolvers: ["fixer"] } })).toEqual(["operator"]);
    expect(governors({ policy: {} })).toEqual([]);
    expect(everybody(STATUS)).toEqual(["ada", "bob", "boss", "cy", "di", "fixer"]);
  });

  test("is taken, begun and done, by whose it is", () => {
    expect(nextStep(planned("t"), "ada")).toEqual({ name: "Take it", change: { agent: "ada", status: "IN_PROGRESS" } });
    expect(nextStep(planned("t", { agent: "ada" }), "ada")).toEqual({ name: "Begin", change: { status: "IN_PROGRESS" } });
    expect(nextStep(planned("t", { agent: "ada", status: "IN_PROGRESS" }), "ada")).toEqual({ name: "Mark done", change: { status: "DONE" } });
    expect(nextStep(planned("t", { agent: "ada" }), "bob")).toBeNull();
    expect(nextStep(planned("t", { status: "DONE" }), "ada")).toBeNull();
  });

  test("is sent with what is otherwise alone", () => {
    const task = planned("t", { agent: "ada", artifacts: ["api", "book"] });
    const fields = fieldsOf(task);
    expect(fields).toEqual({ title: "T", details: "", agent: "ada", artifacts: "api, book", status: "OPEN" });
    expect(changeOf(task, { ...fields, title: " T ", artifacts: "api book" })).toBeNull();
    expect(changeOf(task, { title: "New", details: "so", agent: "", artifacts: "site", status: "DONE" })).toEqual({ title: "New", details: "so", agent: "", artifacts: ["site"], status: "DONE" });
    expect(fieldsOf(planned("t", { status: "ARCHIVED" })).status).toBe("OPEN");
    expect(ids(" a,b  a\nc ")).toEqual(["a", "b", "c"]);
  });

  test("that another has changed says what of it is otherwise", () => {
    const was = planned("t");
    expect(others(was, was)).toEqual([]);
    expect(others(was, { ...was, agent: "ada", status: "IN_PROGRESS", artifacts: ["api"] })).toEqual([
      { what: "whose", was: "nobody’s", is: "ada" },
      { what: "artifacts", was: "none", is: "api" },
      { what: "status", was: "open", is: "in progress" },
    ]);
  });

  test("gets an id that says what it is about, and that none has", () => {
    expect(idFor("Login with passkeys!", new Set())).toBe("login-with-passkeys");
    expect(idFor("Käufer", new Set(["ka-ufer", "kaufer"]))).toMatch(/^ka-?u?-?fer/);
    expect(idFor("login", new Set(["login", "login-2"]))).toBe("login-3");
    expect(idFor("登録", new Set())).toBe("task");
    expect(idFor("x".repeat(200), new Set()).length).toBeLessThanOrEqual(64);
  });

  test("is planned while the project is under way", () => {
    expect(isUnderWay({ phase: "INITIALIZED" })).toBe(true);
    expect(isUnderWay({ phase: "COMPLETED" })).toBe(false);
  });
});
