import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, PsmpProblem } from "../src/nats/index.js";
import { uuid7 } from "../src/nats/command.js";
import { nats, planned, until } from "./stack.js";

const where = new URL(nats);
const login = { servers: where.host, user: where.username, pass: where.password };

test("a command is settled by the event that is stored, and the same id has the same outcome", async () => {
  const project = await planned("settled");
  const client = await connect({ ...login, agent: "coder" });
  try {
    const commandId = uuid7(Date.now(), crypto.getRandomValues(new Uint8Array(10)));
    const needs = { artifact: "backend", type: "code", dependencies: [{ name: "fastapi", constraint: ">=0.100" }] } as const;
    const outcome = await client.say(project, "artifact.declare", needs, { commandId });
    assert.equal(outcome.event.type, "psmp.artifact.accepted.v1");
    assert.deepEqual([outcome.commandId, outcome.event.correlationid], [commandId, commandId]);
    assert.match(outcome.receipt ?? "", new RegExp(`${project}`));
    const again = await client.say(project, "artifact.declare", needs, { commandId });
    assert.deepEqual([again.position, again.raw], [outcome.position, outcome.raw]);
    const status = await client.ask("status", { project });
    assert.deepEqual(status.artifacts.map((each) => each.artifact), ["backend"]);
    await client.heartbeat(project);
  } finally {
    await client.close();
  }
});

test("a refusal is an error with its code, over NATS too", async () => {
  const project = await planned("refused-nats");
  const client = await connect({ ...login, agent: "coder" });
  try {
    const refused = await client.say(project, "slot.finish", {}).catch((error: unknown) => error);
    assert.ok(refused instanceof PsmpProblem);
    assert.deepEqual([refused.code, refused.status], ["NO_SLOT", undefined]);
    assert.ok(refused.next);
    const { sequence } = await client.ask("status", { project });
    const needs = { artifact: "looked-at", type: "code" } as const;
    const outdated = client.say(project, "artifact.declare", needs, { ifSequence: sequence - 1 });
    await assert.rejects(outdated, { code: "PRECONDITION_FAILED", sequence });
    await client.say(project, "artifact.declare", needs, { ifSequence: sequence + 1 }); // the refusal is an event too
    await assert.rejects(client.ask("status", { project: "nowhere" }), { code: "UNKNOWN_PROJECT" });
  } finally {
    await client.close();
  }
});

test("who speaks in another's name is stopped by NATS, at once", async () => {
  const client = await connect({ ...login, agent: "somebody-else" });
  try {
    await assert.rejects(client.say("rag", "slot.finish", {}, { within: 60 }), /NATS does not allow it/);
  } finally {
    await client.close();
  }
});

test("events come each once and linked, over connections that are lost", async () => {
  const project = await planned("linked");
  const [client, other] = await Promise.all([connect({ ...login, agent: "coder" }), connect({ ...login, agent: "coder" })]);
  const stop = new AbortController();
  const seen: number[] = [];
  const reading = (async () => {
    for await (const { event } of client.events(project, { after: 0, signal: stop.signal })) seen.push(event.sequence);
  })();
  try {
    for (let number = 0; number < 20; number++) {
      const said = other.say(project, "artifact.declare", { artifact: `a${number}`, type: "code" }, { within: 60 });
      if (number % 5 === 2) await client.nats.reconnect(); // what is republished meanwhile reaches nobody
      if (number === 12) await other.nats.reconnect(); // nor does what comes back of this one
      await said;
    }
    const { sequence } = await client.ask("status", { project });
    await until(() => seen.length >= sequence, "everything is seen");
    assert.deepEqual(seen, Array.from({ length: sequence }, (_, index) => index + 1));
  } finally {
    stop.abort();
    await reading.catch(() => {});
    await Promise.all([client.close(), other.close()]);
  }
});
