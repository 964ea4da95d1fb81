// The record taken along: files of every form, and reports to read.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { Psmp, Unreachable } from "../src/index.js";
import { admin, key, planned, until } from "./stack.js";

/** A gateway that says what it is told, one answer after another; the last one again and again. */
async function saying(...answers: ((response: ServerResponse) => void)[]): Promise<{ url: string; asked: () => number; close: () => void }> {
  let asked = 0;
  const server = createServer((_, response) => answers[Math.min(asked++, answers.length - 1)]?.(response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

test("a record is exported as a document, as a table, and as a bundle that can be verified", async () => {
  const name = await planned("exported");
  const project = admin.project(name);
  const { sequence } = await project.declare({ artifact: "a", type: "code" });
  await until(async () => ((await project.checkpoints()).items[0]?.size ?? 0) >= sequence, "it is covered");

  const document = await project.export();
  assert.deepEqual([document.name, document.type], [`${name}.json`, "application/json"]);
  const { records, manifest } = JSON.parse(await document.text()) as { records: unknown[]; manifest: unknown };
  assert.ok(records.length >= sequence && manifest);

  const table = await admin.export({ format: "csv", project: name, kind: "artifact.declared" });
  assert.deepEqual([table.name, table.type], [`${name}.csv`, "text/csv; charset=utf-8"]);
  assert.equal((await table.text()).trimEnd().split("\r\n").length, 2);
  const signed = await project.export({ format: "csv", signed: true });
  assert.equal(signed.name, `${name}.zip`);
  await signed.body.cancel();

  const bundle = await project.export({ format: "jsonl" });
  assert.deepEqual([bundle.name, bundle.type], [`${name}.zip`, "application/zip"]);
  const pieces: Uint8Array[] = [];
  for await (const piece of bundle.body) pieces.push(piece);
  assert.equal(Buffer.concat(pieces).subarray(0, 4).toString("latin1"), "PK\x03\x04");
});

test("what cannot be exported is a problem, and no file", async () => {
  await assert.rejects(admin.project("nowhere").export(), { code: "UNKNOWN_PROJECT", status: 404 });
  await assert.rejects(admin.export({ format: "jsonl", agent: "ada" }), { code: "INVALID", status: 422 });
});

test("a report is told as fields, and as text to read", async () => {
  const told = await admin.report({ framework: "soc2" });
  assert.equal(told.framework, "soc2");
  assert.match(await admin.reportText({ framework: "gdpr" }), /^# .*GDPR/);
});

test("a gateway that has too many exports under way is asked again, and one that takes its time is waited for", async () => {
  const busy = (response: ServerResponse): void => {
    response.writeHead(503, { "Content-Type": "application/problem+json", "Retry-After": "0" });
    response.end('{"code": "OVERLOADED", "detail": "2 exports are under way already", "hint": "come back", "status": 503}');
  };
  const whole = (response: ServerResponse): void => void response.end("all of it");
  const gateway = await saying(busy, whole, (response) => setTimeout(whole, 300, response), () => undefined);
  const psmp = new Psmp({ url: gateway.url, key });
  try {
    const exported = await psmp.export();
    assert.deepEqual([exported.name, await exported.text(), gateway.asked()], ["export", "all of it", 2]);
    assert.equal(await (await new Psmp({ url: gateway.url, key, within: 0.05 }).export()).text(), "all of it");
    await assert.rejects(psmp.export({}, { within: 0.2 }), Unreachable);
    assert.ok(gateway.asked() <= 4);
    await assert.rejects(psmp.export({}, { signal: AbortSignal.abort() }), { name: "AbortError" });
  } finally {
    gateway.close();
  }
});

test("a file that does not come to its end is no file", async () => {
  const gateway = await saying((response) => {
    response.writeHead(200, { "Content-Length": "1000", "Content-Disposition": 'attachment; filename="rag.zip"' });
    response.write("half", () => response.destroy());
  });
  try {
    const psmp = new Psmp({ url: gateway.url, key });
    await assert.rejects((await psmp.export()).bytes(), { name: "Unreachable", message: /^rag\.zip did not come to its end.* Next: ask for it again\.$/ });
    await assert.rejects((await psmp.export()).text(), Unreachable);
    await assert.rejects(async () => {
      for await (const piece of (await psmp.export()).body) assert.ok(piece.length <= 4);
    });
  } finally {
    gateway.close();
  }
});
