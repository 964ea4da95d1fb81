import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { LogEvent } from "../src/live/event";
import type { Happening } from "../src/live/link";
import { Stream } from "../src/live/stream";

interface Connection {
  headers: Record<string, string>;
  signal: AbortSignal;
  send: (text: string) => void;
  end: () => void;
}

const beat = (position: number) => `id: ${position}\nevent: psmp.beat\ndata: {"position":${position},"behind":0}\n\n`;
const event = (position: number) =>
  `id: ${position}\nevent: slot.granted\ndata: ${JSON.stringify({ subject: "t/p", sequence: position, time: new Date().toISOString(), actor: "a" })}\n\n`;

describe("the stream", () => {
  let connections: Connection[];
  let isAway: boolean;
  let told: { happenings: Happening["kind"][]; positions: number[]; anew: number };
  let stream: Stream;

  beforeEach(() => {
    vi.useFakeTimers();
    connections = [];
    isAway = false;
    told = { happenings: [], positions: [], anew: 0 };
    vi.stubGlobal("fetch", (_: string, init: RequestInit) => {
      if (isAway) return Promise.reject(new TypeError("refused"));
      const signal = init.signal!;
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          connections.push({
            headers: init.headers as Record<string, string>,
            signal,
            send: (text) => controller.enqueue(new TextEncoder().encode(text)),
            end: () => controller.close(),
          });
          signal.addEventListener("abort", () => controller.error(new DOMException("", "AbortError")));
        },
      });
      return Promise.resolve(new Response(body, { status: 200 }));
    });
    stream = new Stream({
      happened: (happening) => told.happenings.push(happening.kind),
      event: (each: LogEvent) => told.positions.push(each.position),
      anew: () => (told.anew += 1),
    });
    stream.start();
  });
  afterEach(() => {
    stream.stop();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const later = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds);

  test("reads everything anew at its first sign of life, and not again when it resumes", async () => {
    await later();
    connections[0]!.send(beat(5));
    await later();
    expect(told.anew).toBe(1);
    connections[0]!.send(event(6));
    await later();
    connections[0]!.end();
    await later(5000);
    expect(connections[1]!.headers["Last-Event-ID"]).toBe("6");
    connections[1]!.send(event(7) + beat(7));
    await later();
    expect(told.positions).toEqual([6, 7]);
    expect(told.anew).toBe(1);
  });

  test("is tried again and again while the gateway is away", async () => {
    await later();
    connections[0]!.send(beat(5));
    await later();
    isAway = true;
    connections[0]!.end();
    await later(20_000);
    expect(told.happenings.filter((each) => each === "lost").length).toBeGreaterThan(4);
    isAway = false;
    await later(5000);
    expect(connections[1]!.headers["Last-Event-ID"]).toBe("5");
  });

  test("forgets its place when it is told to, and has everything read anew", async () => {
    await later();
    connections[0]!.send(beat(5));
    await later();
    connections[0]!.send('event: psmp.resync\ndata: {"reason":"slow"}\n\n');
    connections[0]!.end();
    await later(5000);
    expect(connections[1]!.headers["Last-Event-ID"]).toBeUndefined();
    connections[1]!.send(beat(90));
    await later();
    expect(told.anew).toBe(2);
  });

  test("takes a line on which nothing is heard for dead", async () => {
    await later();
    connections[0]!.send(beat(5));
    await later(31_000);
    expect(connections[0]!.signal.aborted).toBe(true);
    await later(5000);
    expect(connections.length).toBe(2);
  });

  test("lets its connection go while nobody looks, and resumes where it was", async () => {
    await later();
    connections[0]!.send(beat(5));
    await later();
    stream.pause();
    await later(600_000);
    expect(connections[0]!.signal.aborted).toBe(true);
    expect(connections.length).toBe(1);
    expect(told.happenings).not.toContain("lost");
    stream.hurry();
    await later();
    expect(connections[1]!.headers["Last-Event-ID"]).toBe("5");
  });

  test("ends for good when it is stopped", async () => {
    await later();
    stream.stop();
    await later(60_000);
    expect(connections.length).toBe(1);
    expect(told.happenings.at(-1)).toBe("close");
  });
});
