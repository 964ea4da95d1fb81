// What the README shows, run; tests/unit/typescript holds the two together.
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Psmp, PsmpProblem, Unsettled } from "../src/index.js";
import { connect } from "../src/nats/index.js";
import { admin, key, nats, planned, until, url } from "./stack.js";

test("what the README shows does what it says", async () => {
  const name = await planned("readme");
  const said: string[] = [];
  const console = { log: (...words: unknown[]) => said.push(words.join(" ")) };
  await admin.as("analyst").project(name).declare({
    artifact: "notebook",
    type: "analysis",
    dependencies: [{ name: "fastapi", constraint: "<0.100" }],
  });
  {
    // psmp
    const psmp = new Psmp({ url, key });
    const project = psmp.project(name);

    const live = await project.follow({ type: ["conflict.*"] }); // from here on nothing is left out

    const verdict = await project.declare({
      artifact: "backend",
      type: "code",
      dependencies: [{ name: "fastapi", constraint: ">=0.100", purpose: "REST API" }],
    });
    if (verdict.verdict === "blocked") {
      for (const { text, suggestions } of verdict.conflicts) console.log(text, suggestions[0]?.text);
    }

    for await (const each of live) {
      if (each.kind === "resync") console.log("read the state anew:", each.reason);
      else if (each.event.type === "psmp.conflict.detected.v1") {
        console.log(each.position, each.event.data.conflicts.map(({ subject }) => subject));
        break;
      }
    }
    // end
    assert.deepEqual(said.length, 2);
    assert.match(said[1] ?? "", /fastapi$/);

    // errors
    try {
      await project.requestSlot();
    } catch (error) {
      if (error instanceof PsmpProblem && error.code === "PROJECT_BLOCKED") console.log(error.message, error.conflicts);
      else if (error instanceof Unsettled) console.log(error.key); // stored: the same with this key brings the outcome
      else throw error;
    }
    // end
    assert.match(said[2] ?? "", /blocked.* Next: .*C-1$/s);

    await until(async () => (await project.checkpoints()).items.length > 0, "it is recorded");
    const folder = await mkdtemp(join(tmpdir(), "psmp-"));
    // exports
    const table = await project.export({ format: "csv", kind: "conflict", since: "2026-11-01T00:00:00Z" });
    console.log(table.name, await table.text());

    const bundle = await psmp.export({ format: "jsonl" }); // then: psmp verify default.zip --keys KEYS
    await writeFile(join(folder, bundle.name), bundle.body);

    console.log(await psmp.reportText({ framework: "soc2" }));
    // end
    assert.match(said[3] ?? "", /\.csv "tenant","project"/);
    assert.deepEqual(await readdir(folder), ["default.zip"]);
    assert.match(said[4] ?? "", /SOC 2/);
    await rm(folder, { recursive: true });
  }
  const { host: servers, username: user, password: pass } = new URL(nats);
  {
    // nats
    const client = await connect({ servers, user, pass, agent: "coder" });

    const outcome = await client.say(name, "artifact.declare", { artifact: "worker", type: "code" });
    console.log(outcome.position, outcome.event.type);

    for await (const { event } of client.events(name, { after: 0 })) {
      console.log(event.sequence, event.type);
      if (event.id === outcome.event.id) break;
    }
    await client.close();
    // end
    assert.match(said.at(-1) ?? "", /^\d+ psmp.artifact.accepted.v1$/);
    assert.equal(said.at(-1)?.split(" ")[0], String(outcome.event.sequence));
  }
});
