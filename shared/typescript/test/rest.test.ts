import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { items, Psmp, PsmpProblem, Unreachable } from "../src/index.js";
import { admin, key, planned, trail, until, url, wire } from "./stack.js";

const REASON = { reason: "a test" };

function needs(artifact: string, constraint: string) {
  return { artifact, type: "code", dependencies: [{ name: "langchain", constraint, purpose: "chains" }] } as const;
}

test("a project goes from a conflict to peace", async () => {
  const project = await planned("rag");
  const [rag, notebook] = [admin.as("coder").project(project), admin.as("analyst").project(project)];
  const fine = await rag.declare(needs("backend", ">=0.1"));
  assert.equal(fine.verdict, "accepted");
  assert.equal(fine.event.type, "psmp.artifact.accepted.v1");

  const clash = await notebook.declare(needs("notebook", "<0.1"));
  assert.equal(clash.verdict, "blocked");
  assert.match(clash.text, /langchain/);
  const [open] = (await rag.conflicts()).items;
  assert.deepEqual([open?.conflict.subject, open?.conflict.severity, open?.blocking], ["langchain", "critical", true]);
  assert.equal((await admin.blockingReport({ project })).items[0]?.blockers[0]?.conflict.id, open?.conflict.id);

  const conflict = open?.conflict.id ?? "";
  assert.equal((await rag.conflict(conflict)).conflict.suggestions.length > 0, true);
  assert.equal((await rag.ranges(conflict)).common?.length ?? 0, 0);
  const resolved = await admin.project(project).resolve(conflict, { strategy: "accept", suggestion: 1, ...REASON });
  assert.equal(resolved.event.type, "psmp.resolution.applied.v1");
  assert.deepEqual((await rag.status()).conflicts, []);
  assert.deepEqual((await rag.artifacts()).items.map((each) => each.artifact), ["backend", "notebook"]);
  assert.equal((await notebook.withdraw("notebook", REASON)).event.type, "psmp.artifact.withdrawn.v1");
});

test("no is an error with a code and with what to do next", async () => {
  const problem = async (asked: Promise<unknown>): Promise<PsmpProblem> => {
    const error = await asked.then(() => undefined, (error: unknown) => error);
    assert.ok(error instanceof PsmpProblem, String(error));
    return error;
  };
  const unknown = await problem(admin.project("nowhere").status());
  assert.deepEqual([unknown.code, unknown.status], ["UNKNOWN_PROJECT", 404]);
  assert.ok(unknown.next && unknown.message.includes(`Next: ${unknown.next}`));

  const project = admin.project(await planned("refused"));
  const [fault] = (await problem(project.declare({ artifact: "a", type: "code", dependencies: [{ name: "" }] }))).errors;
  assert.equal(fault?.pointer, "/dependencies/0/name");
  assert.equal((await problem(project.declare(needs("a", "=>1")))).code, "INVALID_CONSTRAINT");
  assert.equal((await problem(project.finishSlot())).code, "NO_SLOT");
  const { sequence } = await project.status();
  const outdated = await problem(project.transition({ to: "IN_PROGRESS", ...REASON }, { ifSequence: sequence - 1 }));
  assert.deepEqual([outdated.code, outdated.sequence], ["PRECONDITION_FAILED", sequence]);
  const now = await project.status(); // a refusal is an event too
  await project.transition({ to: "IN_PROGRESS", ...REASON }, { ifSequence: now.sequence });
  assert.equal((await problem(new Psmp({ url, key: "psmp_nothing" }).projects())).code, "UNAUTHENTICATED");
});

test("what is not waited for is stored, and the same key brings its outcome, once", async () => {
  const name = await planned("unawaited");
  const project = admin.project(name);
  const sent = await project.declare(needs("a", ">=1"), { wait: false, key: `${name}/a` });
  assert.match(sent.command_id, /^[0-9a-f-]{36}$/);
  const [one, other] = await Promise.all([0, 1].map(() => project.declare(needs("a", ">=1"), { key: `${name}/a` })));
  assert.deepEqual([one?.command_id, one?.position], [sent.command_id, other?.position]);
  const kinds = (await project.events()).items.map((each) => each.event.type);
  assert.equal(kinds.filter((each) => each === "psmp.artifact.declared.v1").length, 1);
});

test("an answer that was lost on the way is asked for again, and the command counts once", async () => {
  const name = await planned("lost");
  const cut = await wire((connection) => connection <= 3);
  try {
    const project = new Psmp({ url: cut.url, key }).project(name);
    assert.equal((await project.declare(needs("a", ">=1"))).verdict, "accepted");
    assert.equal(cut.cuts(), 3);
  } finally {
    cut.close();
  }
  const declared = (await admin.project(name).events()).items.filter((each) => each.event.type === "psmp.artifact.declared.v1");
  assert.equal(declared.length, 1);
});

test("who is told when to come back comes back then, and not before; who has no time is told no", async () => {
  const asked: number[] = [];
  const busy = createServer((request, response) => {
    asked.push(performance.now());
    assert.equal(request.headers["psmp-agent"], "coder");
    if (asked.length > 1) return void response.end('{"items": [], "behind": 0}');
    response.writeHead(429, { "Content-Type": "application/problem+json", "Retry-After": "1" });
    response.end('{"code": "RATE_LIMITED", "detail": "this key asks too much at once", "hint": "wait 1 s", "status": 429}');
  });
  busy.listen(0, "127.0.0.1");
  await once(busy, "listening");
  const place = { url: `http://127.0.0.1:${(busy.address() as AddressInfo).port}`, key, agent: "coder" };
  try {
    assert.deepEqual((await new Psmp(place).projects()).items, []);
    assert.equal(asked.length, 2);
    assert.ok((asked[1] ?? 0) - (asked[0] ?? 0) > 990);
    asked.length = 0;
    await assert.rejects(new Psmp({ ...place, within: 0.5 }).projects(), { code: "RATE_LIMITED", retrySeconds: 1 });
    assert.equal(asked.length, 1);
  } finally {
    busy.close();
    busy.closeAllConnections();
  }
  await assert.rejects(new Psmp({ ...place, within: 0.5 }).projects(), Unreachable);
});

test("an agent runs with a slot, says that it is alive, and gives it back", async () => {
  const name = await planned("slots");
  const coder = admin.as("coder").project(name);
  const granted = await coder.requestSlot();
  assert.equal(granted.event.type, "psmp.slot.granted.v1");
  await coder.heartbeat();
  assert.deepEqual((await coder.slots()).items.map((each) => [each.agent, each.fence]), [["coder", granted.sequence]]);
  await coder.declare({ ...needs("made", ">=1"), fence: granted.sequence });
  assert.equal((await coder.finishSlot()).event.type, "psmp.slot.finished.v1");
  assert.deepEqual((await coder.slots()).items, []);
});

test("a list is read to its end, page by page", async () => {
  const name = await planned("listed");
  const project = admin.project(name);
  for (const each of ["a", "b", "c"]) await project.declare(needs(each, ">=1"));
  const found: string[] = [];
  for await (const each of items((from) => project.artifacts({ limit: 1, ...from }))) found.push(each.artifact);
  assert.deepEqual(found, ["a", "b", "c"]);
  assert.ok((await trail(name)).length > 3);
  assert.ok((await admin.problems()).items.some((each) => each.code === "PROJECT_BLOCKED"));
  assert.equal((await admin.health()).well, true);
  assert.deepEqual((await admin.ask("artifacts_listing", { path: { project: name }, query: { limit: 2 } })).items.length, 2);
  const sent = await admin.say("artifacts_declare", { path: { project: name }, body: needs("d", ">=1") });
  assert.equal(sent.verdict, "accepted");
});

test("tasks are planned, found, taken, done and archived", async () => {
  const name = await planned("tasked");
  const [project, coder] = [admin.project(name), admin.as("coder").project(name)];
  await project.createTask({ task: "docs", title: "Write the docs" });
  await project.createTask({ task: "api", title: "Make the API", agent: "coder", artifacts: ["api"] });
  assert.deepEqual((await project.tasks({ agent: "" })).items.map((each) => each.task), ["docs"]);
  const { sequence } = await project.task("docs");
  const taken = await coder.changeTask("docs", { agent: "coder", status: "IN_PROGRESS" }, { ifSequence: sequence });
  assert.equal(taken.event.type, "psmp.task.changed.v1");
  await assert.rejects(project.archiveTask("docs", REASON, { ifSequence: sequence }), { code: "PRECONDITION_FAILED" });
  assert.deepEqual((await project.tasks({ agent: "coder", kind: ["work"] })).items.map((each) => each.status), [
    "OPEN",
    "IN_PROGRESS",
  ]);
  await assert.rejects(coder.changeTask("api", { status: "DONE" }), { code: "WORK_UNFINISHED" });
  await coder.changeTask("docs", { status: "DONE" });
  await project.archiveTask("docs", REASON);
  await assert.rejects(project.changeTask("docs", { status: "OPEN" }), { code: "UNKNOWN_TASK" });
  assert.equal((await project.tasks({ status: ["ARCHIVED"] })).items[0]?.reason, REASON.reason);
  await assert.rejects(project.changeTask("resolve:C-1:coder", { status: "DONE" }), { code: "UNKNOWN_TASK" });
});

test("a project is changed, found by its name, and given up", async () => {
  const id = await planned("renamed");
  const project = admin.project(id);
  const { sequence, policy } = await project.status();
  const body = { name: `Again ${id}`, policy: { strict_mode: !policy.strict_mode }, ...REASON };
  assert.equal((await project.change(body, { ifSequence: sequence })).event.type, "psmp.project.changed.v1");
  assert.deepEqual((await project.status()).policy, { ...policy, strict_mode: !policy.strict_mode });
  const found = async (): Promise<string[]> =>
    (await admin.projects({ name: `AGAIN ${id.toUpperCase()}`, state: ["PLANNING"] })).items.map((each) => each.project);
  await until(async () => (await found())[0] === id, "it is in the list");
  assert.equal((await project.archive(REASON)).event.type, "psmp.project.transitioned.v1");
  assert.equal((await project.status()).state, "ARCHIVED");
});

test("webhooks are added, signed anew, tried and removed, and a secret is shown once", async () => {
  const made = await admin.addWebhook({ webhook: "typed", url: "https://hooks.example/" });
  assert.match(made.secret ?? "", /^whsec_/);
  const rotated = await admin.rotateWebhook("typed");
  assert.notEqual(rotated.secret, made.secret);
  const changed = await admin.changeWebhook("typed", { kinds: ["conflict.*"] }, { ifSequence: rotated.sequence });
  const outdated = admin.removeWebhook("typed", { ifSequence: rotated.sequence });
  await assert.rejects(outdated, { code: "PRECONDITION_FAILED", sequence: changed.sequence });
  assert.equal((await admin.tryWebhook("typed")).event.type, "psmp.webhook.tested.v1");
  const { kinds } = await admin.webhook("typed");
  assert.deepEqual([kinds, (await admin.webhooks()).items.map((each) => each.webhook)], [["conflict.*"], ["typed"]]);
  await admin.removeWebhook("typed");
  await assert.rejects(admin.webhook("typed"), { code: "UNKNOWN_WEBHOOK" });
});

test("the record and its figures are read by methods of their own", async () => {
  const name = await planned("read");
  const project = admin.project(name);
  const { sequence } = await project.declare(needs("a", ">=1"));
  assert.equal((await project.status({ sequence: 1 })).sequence, 1);
  await until(async () => ((await project.checkpoints()).items[0]?.size ?? 0) >= sequence, "it is covered");
  assert.ok((await project.diff({ at: 1, to: sequence })).differences.length > 0);
  assert.deepEqual((await project.dependencies()).items.map((each) => each.name), ["langchain"]);
  assert.equal((await project.inclusion(sequence)).sequence, sequence);
  assert.equal((await project.consistency({ since: 1 })).project, name);
  assert.ok((await project.audit()).items.length > 0 && (await admin.audit({ project: name })).items.length > 0);
  assert.ok((await items((cursor) => admin.checkpoints({ ...cursor })).next()).value);
  assert.ok((await project.verify()) && (await admin.analytics()) && (await admin.operations()));
  assert.ok((await admin.activity()) && (await admin.conflictSpans()) && (await admin.report({ framework: "soc2" })));
});
