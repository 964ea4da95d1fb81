// What happens, as it happens: one reader over as many streams as it takes, with nothing lost and nothing doubled.
import { PsmpProblem, Unreachable } from "./errors.js";
import { frames } from "./frames.js";
import type { Event } from "./generated/contract.js";
import type { LiveStreamQuery } from "./generated/rest.js";
import type { Http } from "./http.js";
import { backoff, pause } from "./time.js";

/** An event of the log. */
export interface Happened {
  kind: "event";
  /** Its place in the log, over all projects: what to resume behind. */
  position: number;
  event: Event;
  /** The stored bytes as text: what is hashed, linked and proved. */
  raw: string;
}

/** Something may be missing before this. Read the state anew; what comes next is all that happens from `position` on. */
export interface Resync {
  kind: "resync";
  position: number;
  reason: string;
}

export interface Following {
  /** Begin behind this position, 0: with the first event there is. Left out: from now on. */
  after?: number;
  signal?: AbortSignal;
  /** Seconds without any sign of life after which a stream is taken for dead (30; a gateway says something every 10). */
  silence?: number;
}

/**
 * A reader of live events: `for await (const each of live)`. Lost connections and gateways that go away are its own
 * affair; what cannot be mended (a key that opens nothing any more) ends it with a `PsmpProblem`.
 */
export class Live implements AsyncIterableIterator<Happened | Resync> {
  /** Up to here nothing was left out. Keep it, and give it as `after` to go on in another process. */
  position = 0;
  /** How many positions of the log came behind that, when it was last said. */
  behind = 0;
  /** Why what is shown may be stale; empty when all is well. */
  trouble = "";
  /** Streams that were opened so far. */
  opened = 0;

  readonly #http: Http;
  readonly #wanted: Omit<LiveStreamQuery, "after">;
  readonly #how: Following;
  readonly #closing = new AbortController();
  readonly #items: AsyncGenerator<Happened | Resync | undefined, void, undefined>;

  /** See `Psmp.follow`. */
  static async open(http: Http, wanted: Omit<LiveStreamQuery, "after">, how: Following): Promise<Live> {
    const live = new Live(http, wanted, how);
    await live.#items.next();
    return live;
  }

  private constructor(http: Http, wanted: Omit<LiveStreamQuery, "after">, how: Following) {
    [this.#http, this.#wanted, this.#how] = [http, wanted, how];
    this.#items = this.#follow();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Happened | Resync, undefined>> {
    const { value, done } = await this.#items.next();
    return done || value === undefined || this.#closing.signal.aborted ? { value: undefined, done: true } : { value, done: false };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#closing.abort();
    await this.#items.return();
    return { value: undefined, done: true };
  }

  /** Follow no more: whoever waits for the next event sees the end. */
  close(): void {
    this.#closing.abort();
  }

  /** First `undefined`, when a gateway has said where it begins; then what is wanted. */
  async *#follow(): AsyncGenerator<Happened | Resync | undefined, void, undefined> {
    let place = this.#how.after;
    let lost: string | undefined;
    let begun = false;
    const { signal } = this.#how;
    for (let tries = 0; !this.#closing.signal.aborted; tries++) {
      try {
        for await (const { event, data, id } of this.#stream(place)) {
          tries = 0;
          if (event === "psmp.beat") {
            const said = JSON.parse(data) as { position: number; behind: number; trouble?: string };
            [this.position, this.behind, this.trouble] = [said.position, said.behind, said.trouble ?? ""];
            place = said.position;
            if (!begun) yield undefined;
            begun = true;
            if (lost !== undefined) yield { kind: "resync", position: place, reason: lost };
            lost = undefined;
          } else if (event === "psmp.resync") {
            lost = (JSON.parse(data) as { reason: string }).reason;
            place = undefined;
            break;
          } else if (event === "psmp.closed") {
            this.trouble = (JSON.parse(data) as { reason: string }).reason;
            break;
          } else if (Number(id) > (place ?? -1)) {
            this.position = place = Number(id);
            yield { kind: "event", position: place, event: JSON.parse(data) as Event, raw: data };
          }
        }
      } catch (error) {
        signal?.throwIfAborted();
        if (this.#closing.signal.aborted) return;
        if (error instanceof PsmpProblem && !isPassing(error)) throw error;
        if (!begun && !(error instanceof PsmpProblem) && tries >= 5) throw unreachable(error);
        this.trouble = error instanceof Error ? error.message : String(error);
        const told = error instanceof PsmpProblem ? error.retrySeconds : undefined;
        await this.#pause(told === undefined ? backoff(tries) : told * 1000);
        continue;
      }
      await this.#pause(backoff(tries));
    }
  }

  /** The frames of one stream until it ends; whatever ends it otherwise is raised. */
  async *#stream(place: number | undefined): AsyncGenerator<{ event: string; data: string; id: string | undefined }> {
    const stream = new AbortController();
    const signals = [stream.signal, this.#closing.signal, ...(this.#how.signal ? [this.#how.signal] : [])];
    const headers = place === undefined ? {} : { "Last-Event-ID": String(place) };
    const silence = (this.#how.silence ?? 30) * 1000;
    const watched = async <T>(what: Promise<T>): Promise<T> => {
      const timer = setTimeout(() => stream.abort(new Error(`no sign of life for ${silence / 1000} s`)), silence);
      return await what.finally(() => clearTimeout(timer));
    };
    try {
      const { body } = await watched(this.#http.open("live_stream", { query: this.#wanted }, headers, AbortSignal.any(signals)));
      if (body === null) return;
      this.opened++;
      yield* frames(chunks(body.getReader(), watched));
    } finally {
      stream.abort();
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    const signals = [this.#closing.signal, ...(this.#how.signal ? [this.#how.signal] : [])];
    await pause(milliseconds, AbortSignal.any(signals)).catch(() => this.#how.signal?.throwIfAborted());
  }
}

async function* chunks(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  watched: <T>(what: Promise<T>) => Promise<T>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const { value, done } = await watched(reader.read());
    if (done) return;
    yield value;
  }
}

function isPassing(error: PsmpProblem): boolean {
  return error.status === 429 || (error.status !== undefined && error.status >= 500);
}

function unreachable(error: unknown): Unreachable {
  return new Unreachable(`the stream cannot be opened: ${error}`, "see whether the gateway runs and the address is right", {
    cause: error,
  });
}
