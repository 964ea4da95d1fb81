import { describe, expect, test } from "vitest";
import { telling } from "../src/screens/project/telling";

describe("an event says in one line", () => {
  test.each([
    ["artifact.declared", { artifact: "backend", version: 1, summary: "FastAPI\nand more", dependencies: [{ name: "fastapi", constraint: ">=0.100" }, { name: "torch" }] }, "backend v1 needs fastapi>=0.100, torch: FastAPI"],
    ["artifact.accepted", { artifact: "backend", version: 1 }, "backend v1"],
    ["conflict.detected", { artifact: "b", version: 2, conflicts: [{ id: "C-1", text: "Because so." }] }, "C-1, b v2: Because so."],
    ["conflict.cleared", { artifact: "b", version: 3, cleared: ["C-1", "C-2"] }, "C-1, C-2 cleared by b v3"],
    ["project.transitioned", { origin: "IN_PROGRESS", to: "BLOCKED", reason: "C-1" }, "in progress → blocked: C-1"],
    ["command.refused", { command: "slot.request", code: "PROJECT_BLOCKED", reason: "blocked" }, "slot.request refused with PROJECT_BLOCKED: blocked"],
    ["resolution.applied", { resolution: "R-4", conflict: "C-1", strategy: "accept", reason: "fine" }, "R-4 of C-1 (accept): fine"],
    ["resolution.proposed", { resolution: "R-1", conflict: "C-1", text: "b takes 2" }, "R-1 of C-1: b takes 2"],
    ["resolution.answered", { resolution: "R-1", agent: "ada", answer: "no", reason: "needs 1" }, "ada answers no to R-1: needs 1"],
    ["compatibility.checked", { sequence: 12, verdict: "unknown" }, "as of event 12: unknown"],
    ["slot.failed", { agent: "ada", failure: "out of memory" }, "ada: out of memory"],
    ["project.created", { name: "RAG" }, "RAG"],
    ["project.changed", { name: "RAG", targets: [{ python: "3.12", platform: "linux", machine: null }, { python: "3.11", platform: "macos", machine: "arm64" }], policy: {}, reason: "3.12 is out" }, "RAG for python3.12-linux, python3.11-macos-arm64: 3.12 is out"],
    ["task.created", { task: "login", agent: "ada", title: "Login with passkeys", details: "", artifacts: [] }, "login for ada: Login with passkeys"],
    ["task.created", { task: "login", agent: null, title: "Login", details: "", artifacts: [] }, "login: Login"],
    ["task.changed", { task: "login", agent: "ada", title: "Login", status: "IN_PROGRESS", reason: "" }, "login is in progress, ada’s: Login"],
    ["task.changed", { task: "login", agent: null, title: "Login", status: "OPEN", reason: "ada is away" }, "login is open, nobody’s: ada is away"],
    ["task.archived", { task: "login", reason: "another plan" }, "login: another plan"],
    ["of.tomorrow", { new: 1 }, ""],
  ])("%s", (kind, data, line) => {
    expect(telling(kind, data)).toBe(line);
  });
});
