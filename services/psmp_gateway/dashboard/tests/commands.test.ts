import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Problem } from "../src/api/client";
import type { Status } from "../src/api/words";
import { archiveTask, changeProject, changeTask, planTask } from "../src/live/planning";

const SEEN = { project: "p", sequence: 7, name: "RAG" } as Status;
interface Said {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
}
let said: Said[];
let answers: (() => Response)[];

const refused = () => new Response(JSON.stringify({ status: 412, code: "PRECONDITION_FAILED", title: "It has changed", detail: "event 9" }), { status: 412 });
const done = () => new Response("{}");
const now = (status: Partial<Status>) => () => new Response(JSON.stringify(status));

beforeEach(() => {
  said = [];
  answers = [];
  vi.stubGlobal("fetch", async (path: string, { method, headers, body }: RequestInit) => {
    said.push({ method: method!, path, headers: headers as Record<string, string>, body: body === undefined ? null : JSON.parse(body as string) });
    return (answers.shift() ?? done)();
  });
});
afterEach(() => vi.unstubAllGlobals());

describe("a command", () => {
  test("about a task names the event that was seen, and in whose name it is", async () => {
    await changeTask("p", "t", { status: "DONE" }, "ada", 9);
    await archiveTask("p", "t", "old", "", 9);
    await planTask("p", { task: "t", title: "T" }, "");
    expect(said.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["PATCH", "/api/v1/projects/p/tasks/t", { status: "DONE" }],
      ["DELETE", "/api/v1/projects/p/tasks/t", { reason: "old" }],
      ["POST", "/api/v1/projects/p/tasks", { task: "t", title: "T" }],
    ]);
    expect(said.map(({ headers }) => [headers["If-Match"], headers["Psmp-Agent"]])).toEqual([['"9"', "ada"], ['"9"', undefined], [undefined, undefined]]);
    expect(new Set(said.map(({ headers }) => headers["Idempotency-Key"])).size).toBe(3);
  });

  test("about a project is sent again when it has gone on, and what is changed is as it was", async () => {
    answers = [refused, now({ ...SEEN, sequence: 9 }), done];
    await changeProject(SEEN, { name: "Chat", reason: "so" }, "", (each) => each.name === SEEN.name);
    expect(said.map(({ method, headers }) => [method, headers["If-Match"]])).toEqual([["PATCH", '"7"'], ["GET", undefined], ["PATCH", '"9"']]);
  });

  test("about a project that somebody else has changed is not sent again", async () => {
    answers = [refused, now({ ...SEEN, sequence: 9, name: "Other" })];
    await expect(changeProject(SEEN, { name: "Chat", reason: "so" }, "", (each) => each.name === SEEN.name)).rejects.toBeInstanceOf(Problem);
    expect(said.length).toBe(2);
  });

  test("about a project that never stands still is given up", async () => {
    answers = Array.from({ length: 20 }, (_, place) => (place % 2 ? now(SEEN) : refused));
    await expect(changeProject(SEEN, { name: "Chat", reason: "so" }, "", () => true)).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
    expect(said.filter(({ method }) => method === "PATCH").length).toBe(5);
  });

  test("that is refused for anything else is not sent again", async () => {
    answers = [() => new Response(JSON.stringify({ status: 403, code: "NOT_GOVERNOR", title: "", detail: "no" }), { status: 403 })];
    await expect(changeProject(SEEN, { name: "Chat", reason: "so" }, "", () => true)).rejects.toMatchObject({ code: "NOT_GOVERNOR" });
    expect(said.length).toBe(1);
  });
});
