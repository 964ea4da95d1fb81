import assert from "node:assert/strict";
import { test } from "node:test";
import { type Live, Psmp } from "../src/index.js";
import { admin, gatewayPid, key, planned, trail, url, until, wire } from "./stack.js";

/** The positions of events, collected until there are as many as in `wanted`, and of resyncs as negative numbers. */
async function collected(live: Live, positions: number[]): Promise<void> {
  for await (const each of live) positions.push(each.kind === "event" ? each.position : -each.position);
}

async function declare(project: string, from: number, to: number): Promise<void> {
  for (let number = from; number < to; number++) await admin.project(project).declare({ artifact: `a${number}`, type: "code" });
}

test("what was and what happens comes in order, each once, with its type", async () => {
  const name = await planned("seen");
  await declare(name, 0, 2);
  const live = await admin.project(name).follow({}, { after: 0 });
  const seen: string[] = [];
  const positions: number[] = [];
  const before = await trail(name);
  for await (const each of live) {
    assert.equal(each.kind, "event");
    if (each.kind !== "event") break;
    assert.deepEqual(JSON.parse(each.raw), each.event);
    positions.push(each.position);
    if (each.event.type === "psmp.artifact.declared.v1") seen.push(each.event.data.artifact); // typed: narrowed by `type`
    if (positions.length === before.length) void declare(name, 2, 3);
    if (seen.length === 3) break;
  }
  assert.deepEqual(seen, ["a0", "a1", "a2"]);
  assert.deepEqual(positions, (await trail(name)).slice(0, positions.length));
  assert.equal((await live.next()).done, true);
});

test("connections that are cut in the middle of an event cost none and double none", async () => {
  const name = await planned("cut");
  const cut = await wire((connection, bytes) => bytes > 1500 + 700 * (connection % 7) && connection < 25);
  const positions: number[] = [];
  const live = await new Psmp({ url: cut.url, key }).project(name).follow({}, { after: 0 });
  const following = collected(live, positions);
  try {
    await declare(name, 0, 25);
    const all = await trail(name);
    await until(() => positions.length >= all.length, "everything is seen");
    assert.deepEqual(positions, all);
    assert.ok(cut.cuts() >= 5, `${cut.cuts()} cuts`);
    assert.ok(live.opened > 5);
  } finally {
    live.close();
    cut.close();
  }
  await following;
});

test("a gateway that is killed costs no event and doubles none", async () => {
  const name = await planned("killed");
  const positions: number[] = [];
  const live = await admin.project(name).follow();
  const following = collected(live, positions);
  const begun = (await trail(name)).length;
  await declare(name, 0, 3);
  process.kill(gatewayPid(), "SIGKILL");
  await declare(name, 3, 6); // over the death of the gateway, too
  const all = (await trail(name)).slice(begun);
  await until(() => positions.length >= all.length, "everything is seen");
  assert.deepEqual(positions, all);
  assert.ok(live.opened >= 2);
  live.close();
  await following;
});

test("who resumes behind a place that the log does not have is told to read anew, and goes on from there", async () => {
  const name = await planned("ahead");
  const live = await admin.project(name).follow({}, { after: 10 ** 12 });
  const first = await live.next();
  assert.equal(first.value?.kind, "resync");
  assert.ok(first.value?.kind === "resync" && first.value.reason.includes("the log ends before"));
  await declare(name, 0, 1);
  const next = await live.next();
  assert.ok(next.value?.kind === "event" && next.value.position > first.value.position);
  await live.return();
});

test("filters are the gateway's, and a key that opens nothing ends it", async () => {
  const name = await planned("filtered");
  const live = await admin.follow({ project: [name], type: ["artifact.*"] });
  await admin.project(name).transition({ to: "IN_PROGRESS", reason: "a test" });
  await declare(name, 0, 1);
  const { value } = await live.next();
  assert.ok(value?.kind === "event" && value.event.type === "psmp.artifact.declared.v1");
  live.close();
  assert.equal((await live.next()).done, true);
  await assert.rejects(new Psmp({ url, key: "psmp_nothing" }).follow(), { code: "UNAUTHENTICATED" });
  await assert.rejects(admin.follow({}, { signal: AbortSignal.abort(new Error("no more")) }), /no more/);
});
