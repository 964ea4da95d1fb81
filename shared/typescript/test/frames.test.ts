import assert from "node:assert/strict";
import { test } from "node:test";
import { type Frame, frames } from "../src/frames.js";

async function read(text: string, ...cuts: number[]): Promise<Frame[]> {
  const bytes = new TextEncoder().encode(text);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    let begin = 0;
    for (const cut of [...cuts, bytes.length]) {
      yield bytes.subarray(begin, cut);
      begin = cut;
    }
  }
  const found: Frame[] = [];
  for await (const each of frames(chunks())) found.push(each);
  return found;
}

const SAID = "\uFEFFretry: 1000\n\nid: 7\nevent: a.b\ndata: {\"ö\": 1}\n\n: a comment\r\ndata: two\r\ndata: lines\r\n\r\nid: 8\revent:c\rdata\r\rdata: cut";
const MEANT = [
  { event: "a.b", data: '{"ö": 1}', id: "7" },
  { event: "message", data: "two\nlines", id: "7" },
  { event: "c", data: "", id: "8" },
];

test("a stream is read as it is meant, and what was begun and not ended is left out", async () => {
  assert.deepEqual(await read(SAID), MEANT);
});

test("it does not matter where the network cuts it", async () => {
  for (let cut = 1; cut < new TextEncoder().encode(SAID).length; cut++) {
    assert.deepEqual(await read(SAID, cut), MEANT, `cut at ${cut}`);
    assert.deepEqual(await read(SAID, cut, cut + 1), MEANT, `cut at ${cut} and the byte after`);
  }
});
