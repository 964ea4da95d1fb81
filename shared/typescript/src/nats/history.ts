// A project's events for a reader: what was stored, then what happens, without a gap or a repetition.
import type { NatsConnection } from "@nats-io/transport-node";
import { Damaged } from "../errors.js";
import type { Event, EventsPage } from "../generated/contract.js";
import { notAllowed } from "./settling.js";

/** An event of a project. */
export interface Stored {
  /** Its place in the log; to resume, keep `event.sequence`. */
  position: number;
  event: Event;
  /** The stored bytes as text: what is hashed, linked and proved. */
  raw: string;
}

const HELD = 4096;
/** Milliseconds without an event after which it is asked whether there really was none. */
const IDLE = 30_000;
const PAGE = 500;

/** What came and was not taken yet. A full buffer and a new connection mean that something may be missing. */
export class Feed {
  readonly #held: Stored[] = [];
  #missed = true;
  #error: Error | undefined;
  #wake = (): void => {};

  heard(stored: Stored): void {
    if (this.#held.length < HELD) this.#held.push(stored);
    else this.#missed = true;
    this.#wake();
  }

  missed(): void {
    this.#missed = true;
    this.#wake();
  }

  failed(error: Error): void {
    this.#error ??= error;
    this.#wake();
  }

  /** The next one; `undefined` when some may be missing, or after a long time without any. */
  async take(signal: AbortSignal | undefined): Promise<Stored | undefined> {
    for (;;) {
      signal?.throwIfAborted();
      const next = this.#held.shift();
      if (next) return next;
      if (this.#error) throw this.#error;
      if (this.#missed || !(await this.#stirred(signal))) {
        this.#missed = false;
        return undefined;
      }
    }
  }

  /** Whether something changes before it has been quiet for long. */
  #stirred(signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (stirred: boolean): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", this.#wake);
        resolve(stirred);
      };
      const timer = setTimeout(() => done(false), IDLE);
      this.#wake = () => done(true);
      signal?.addEventListener("abort", this.#wake);
    });
  }
}

/** Reads `project` on behind the sequence `after`. Raises `Damaged` where an event does not link to the one before. */
export async function* history(
  nats: NatsConnection,
  subject: string,
  project: string,
  after: number,
  page: (question: { project: string; after: number; limit: number }) => Promise<EventsPage>,
  feeds: Set<Feed>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Stored, void, undefined> {
  const feed = new Feed();
  const subscription = nats.subscribe(subject, {
    callback: (error, message) => {
      if (error) feed.failed(notAllowed(error));
      else if (message.headers?.get("Nats-Stream") === "PSMP_LOG") {
        const position = Number(message.headers.get("Nats-Sequence"));
        feed.heard({ position, event: message.json<Event>(), raw: message.string() });
      }
    },
  });
  feeds.add(feed);
  let [sequence, leaf] = [after, ""];
  const link = async (stored: Stored): Promise<Stored> => {
    const { event, raw } = stored;
    if (event.sequence !== sequence + 1) throw new Damaged(project, sequence + 1, "it is missing");
    if (leaf && event.prev !== leaf) throw new Damaged(project, event.sequence, "it does not follow on the one before");
    [sequence, leaf] = [event.sequence, await leafOf(raw)];
    return stored;
  };
  try {
    for (;;) {
      const next = await feed.take(signal);
      if (next && next.event.sequence <= sequence) continue;
      if (next && next.event.sequence === sequence + 1) {
        yield await link(next);
        continue;
      }
      for (let more = true; more; ) {
        const found = await page({ project, after: sequence, limit: PAGE });
        for (const [position, raw] of found.events) yield await link({ position, event: JSON.parse(raw) as Event, raw });
        more = found.more && found.events.length > 0;
      }
      if (next && next.event.sequence > sequence) yield await link(next);
    }
  } finally {
    feeds.delete(feed);
    subscription.unsubscribe();
  }
}

/** The RFC 6962 leaf hash of stored bytes, in hex. */
async function leafOf(raw: string): Promise<string> {
  const bytes = new TextEncoder().encode(`\0${raw}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
