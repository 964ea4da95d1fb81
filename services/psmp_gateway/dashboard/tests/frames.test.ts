import { describe, expect, test } from "vitest";
import { type Frame, FrameReader } from "../src/live/frames";

const STREAM = 'retry: 1000\n\n: a comment\n\nid: 7\nevent: psmp.beat\ndata: {"position":7}\n\nid: 8\nevent: conflict.detected\ndata: {"a":\ndata: 1}\n\n';
const FRAMES: Frame[] = [
  { id: "7", event: "psmp.beat", data: '{"position":7}' },
  { id: "8", event: "conflict.detected", data: '{"a":\n1}' },
];

function read(chunks: readonly string[]): Frame[] {
  const reader = new FrameReader();
  return chunks.flatMap((chunk) => reader.feed(chunk));
}

describe("frames of Server-Sent Events", () => {
  test("are read from one chunk", () => {
    expect(read([STREAM])).toEqual(FRAMES);
  });

  test("are the same wherever the chunks end", () => {
    for (let cut = 0; cut <= STREAM.length; cut++) {
      expect(read([STREAM.slice(0, cut), STREAM.slice(cut)]), `cut at ${cut}`).toEqual(FRAMES);
    }
    expect(read([...STREAM])).toEqual(FRAMES);
  });

  test("are the same with CRLF, even cut within one", () => {
    const spelled = STREAM.replaceAll("\n", "\r\n");
    expect(read([spelled])).toEqual(FRAMES);
    expect(read([...spelled])).toEqual(FRAMES);
  });

  test("without data are none, and keep the last id", () => {
    expect(read(["id: 3\n\n", "data: x\n\n"])).toEqual([{ id: "3", event: "message", data: "x" }]);
  });
});
