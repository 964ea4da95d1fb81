import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Problem } from "../src/api/client";
import type { LogEvent } from "../src/live/event";
import { type Loaded, Resource } from "../src/live/resource";

function event(sequence: number): LogEvent {
  const stored = { id: "", type: "", subject: "t/p", time: "", actor: "", sequence, data: {} };
  return { position: sequence, kind: "artifact.declared", project: "p", sequence, time: "", actor: "", stored };
}

/** A source whose answers the test gives by hand. */
class Script {
  calls = 0;
  private settle: ((loaded: Loaded<number>) => void) | null = null;
  private fail: ((error: unknown) => void) | null = null;
  readonly source = {
    spacing: 100,
    concerns: (each: LogEvent) => each.kind.startsWith("artifact"),
    load: () => {
      this.calls += 1;
      return new Promise<Loaded<number>>((settle, fail) => {
        this.settle = settle;
        this.fail = fail;
      });
    },
  };
  async answer(reached: number): Promise<void> {
    this.settle!({ data: reached, reaches: (each) => reached >= each.sequence });
    await vi.advanceTimersByTimeAsync(0);
  }
  async refuse(error: unknown): Promise<void> {
    this.fail!(error);
    await vi.advanceTimersByTimeAsync(0);
  }
}

describe("what is read and kept fresh", () => {
  let script: Script;
  let resource: Resource<number>;
  beforeEach(() => {
    vi.useFakeTimers();
    script = new Script();
    resource = new Resource(script.source);
  });
  afterEach(() => vi.useRealTimers());

  async function watched(): Promise<() => void> {
    const stop = resource.subscribe(() => {});
    await vi.advanceTimersByTimeAsync(0);
    return stop;
  }

  test("is not read before somebody looks", async () => {
    resource.take(event(1));
    await vi.advanceTimersByTimeAsync(1000);
    expect(script.calls).toBe(0);
  });

  test("is read once more when something happens while it is being read", async () => {
    await watched();
    resource.take(event(5));
    resource.take(event(6));
    await vi.advanceTimersByTimeAsync(1000);
    expect(script.calls).toBe(1);
    await script.answer(4);
    expect(resource.get()).toMatchObject({ data: 4, stale: true });
    await vi.advanceTimersByTimeAsync(100);
    expect(script.calls).toBe(2);
    await script.answer(6);
    expect(resource.get()).toEqual({ data: 6, problem: null, stale: false });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(script.calls).toBe(2);
  });

  test("is read again until it has the event that was heard of", async () => {
    await watched();
    await script.answer(1);
    resource.take(event(2));
    await vi.advanceTimersByTimeAsync(100);
    await script.answer(1);
    expect(resource.get().stale).toBe(true);
    await vi.advanceTimersByTimeAsync(100);
    expect(script.calls).toBe(3);
    await script.answer(2);
    expect(resource.get()).toMatchObject({ data: 2, stale: false });
  });

  test("is not read more often than its spacing says, however much happens", async () => {
    await watched();
    await script.answer(0);
    for (let sequence = 1; sequence <= 50; sequence++) {
      resource.take(event(sequence));
      await vi.advanceTimersByTimeAsync(10);
      if (script.calls > 1) await script.answer(sequence);
    }
    expect(script.calls).toBeLessThanOrEqual(7);
  });

  test("does not care for what cannot have changed it", async () => {
    await watched();
    await script.answer(1);
    resource.take({ ...event(9), kind: "slot.granted" });
    await vi.advanceTimersByTimeAsync(1000);
    expect(script.calls).toBe(1);
  });

  test("keeps what was seen while the gateway is away, says so, and asks again", async () => {
    await watched();
    await script.answer(7);
    resource.refresh();
    await vi.advanceTimersByTimeAsync(100);
    await script.refuse(new Problem({ status: 0, code: "UNREACHABLE", title: "", detail: "" }));
    expect(resource.get()).toMatchObject({ data: 7, stale: true, problem: { code: "UNREACHABLE" } });
    await vi.advanceTimersByTimeAsync(200);
    await script.answer(8);
    expect(resource.get()).toEqual({ data: 8, problem: null, stale: false });
  });

  test("is not asked for again when it was refused for good", async () => {
    await watched();
    await script.refuse(new Problem({ status: 404, code: "UNKNOWN_PROJECT", title: "", detail: "" }));
    expect(resource.get()).toMatchObject({ data: null, problem: { status: 404 } });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(script.calls).toBe(1);
  });

  test("is read anew by who comes back to it", async () => {
    const stop = await watched();
    await script.answer(1);
    stop();
    resource.take(event(2));
    await vi.advanceTimersByTimeAsync(1000);
    expect(script.calls).toBe(1);
    await watched();
    expect(script.calls).toBe(2);
    expect(resource.get()).toMatchObject({ data: 1, stale: true });
  });
});
