// The one connection to the log: resumes behind what it has seen, waits longer from try to try, and says all it knows.
// It reads the stream by fetch: an EventSource tells no status, so a session that is over would look like a bad line.
import { API, Problem, request } from "../api/client";
import { eventOf, type LogEvent } from "./event";
import { FrameReader, type Frame } from "./frames";
import { type Happening, pause } from "./link";

/** The gateway gives a sign of life every ten seconds: without one for so long the line is dead. */
const SILENT = 30_000;
const UNTIL_WOKEN = 2 ** 31 - 1;

export interface Watcher {
  happened(happening: Happening): void;
  event(event: LogEvent): void;
  /** What is shown may lack something: read it anew. */
  anew(): void;
}

export class Stream {
  private last: string | null = null;
  private stopped = new AbortController();
  private wake: () => void = () => {};
  private isFresh = true;
  private isPaused = false;
  private connection = new AbortController();

  constructor(private readonly watcher: Watcher) {}

  start(): void {
    this.watcher.happened({ kind: "open" });
    void this.run(this.stopped.signal);
  }

  stop(): void {
    this.stopped.abort();
    this.wake();
    this.watcher.happened({ kind: "close" });
  }

  /** Do not wait any longer: the machine is online again, or somebody looks. */
  hurry(): void {
    this.isPaused = false;
    this.wake();
  }

  /** Let the connection go, keeping the place: a browser has six to a server, and nobody looks. */
  pause(): void {
    this.isPaused = true;
    this.connection.abort();
  }

  private async run(signal: AbortSignal): Promise<void> {
    for (let attempt = 1; !signal.aborted; ) {
      if (this.isPaused) {
        await this.sleep(UNTIL_WOKEN);
        continue;
      }
      let why = "the gateway ended the stream";
      let wait = 0;
      try {
        if (await this.follow(signal)) attempt = 1;
      } catch (error) {
        if (signal.aborted) return;
        if (this.isPaused) continue;
        if (error instanceof Problem) {
          if (error.status === 401) return; // the session is over, and whoever keeps it was told
          wait = (error.body.retry_seconds ?? 0) * 1000;
        }
        why = error instanceof Error ? error.message : String(error);
      }
      if (signal.aborted) return;
      if (this.isPaused) continue;
      const milliseconds = Math.max(wait, pause(attempt, Math.random()));
      attempt += 1;
      this.watcher.happened({ kind: "lost", now: Date.now(), again: Date.now() + milliseconds, why });
      await this.sleep(milliseconds);
      this.watcher.happened({ kind: "retry" });
    }
  }

  /** One connection until it ends; true when it carried anything. */
  private async follow(signal: AbortSignal): Promise<boolean> {
    const silence = new AbortController();
    this.connection = new AbortController();
    const ends = AbortSignal.any([signal, silence.signal, this.connection.signal]);
    let timer = setTimeout(() => silence.abort(), SILENT);
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (this.last !== null) headers["Last-Event-ID"] = this.last;
    let heard = false;
    try {
      const response = await request("GET", `${API}/events/stream`, { headers, signal: ends });
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      const frames = new FrameReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return heard;
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENT);
        for (const frame of frames.feed(value)) {
          heard = true;
          this.take(frame);
        }
      }
    } catch (error) {
      if (silence.signal.aborted && !signal.aborted) throw new Error("nothing was heard for 30 s");
      if (heard && !signal.aborted && !(error instanceof Problem)) return true;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  private take(frame: Frame): void {
    if (frame.event === "psmp.resync") {
      this.last = null;
      this.isFresh = true;
      this.watcher.happened({ kind: "resync" });
      return;
    }
    if (frame.event === "psmp.closed") return;
    if (frame.id !== null) this.last = frame.id;
    if (frame.event === "psmp.beat") {
      const said = JSON.parse(frame.data) as { position: number; behind: number; trouble?: string };
      this.watcher.happened({ kind: "beat", position: said.position, behind: said.behind, trouble: said.trouble ?? "" });
      // From here on nothing is missed; what was read before may lack what came in between.
      if (this.isFresh) this.watcher.anew();
      this.isFresh = false;
      return;
    }
    const event = eventOf(frame.event, frame.id, frame.data);
    if (event === null) return;
    const took = Date.now() - Date.parse(event.time);
    this.watcher.happened({ kind: "event", position: event.position, delay: took >= 0 && took < 60_000 ? took : null });
    this.watcher.event(event);
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }
}
