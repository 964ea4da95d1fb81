// A command from its first sending to its outcome, over lost messages, lost connections and restarted services.
//
// There is no `Nats-Msg-Id`: the log decides what counts once (docs/decisions/0003), and a broker that dropped a
// duplicate would keep the outcome from whoever asks for it again.
import { NoRespondersError, PermissionViolationError, TimeoutError } from "@nats-io/transport-node";
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import { PsmpError, PsmpProblem, Unreachable, Unsettled } from "../errors.js";
import type { Event } from "../generated/contract.js";
import { left, pause, within } from "../time.js";
import type { Order } from "./command.js";

/** The event that settled a command. */
export interface Outcome {
  commandId: string;
  /** Its place in the log. */
  position: number;
  event: Event;
  /** The stored bytes as text. */
  raw: string;
  /** The signed promise that this very event is in the log, as a note. */
  receipt?: string;
}

interface Wait {
  resolve: (message: Msg) => void;
  reject: (error: Error) => void;
  /** There is a new connection: what was under way on the old one may be lost. */
  renew: () => void;
}

const UNSTORED = { first: 500, most: 4000 };
const STORED = { first: 2000, most: 15000 };
const UNTAKEN = { first: 100, most: 1000 };

/** Where the outcomes of one agent arrive: one subscription, each handed to whoever waits for it. */
export class Settling {
  readonly #nats: NatsConnection;
  readonly #waits = new Map<string, Set<Wait>>();
  readonly #subject: string;
  #listening: Promise<void> | undefined;

  constructor(nats: NatsConnection, tenant: string, agent: string) {
    [this.#nats, this.#subject] = [nats, `psmp.out.${tenant}.${agent}.>`];
  }

  /** The outcome; the same bytes go out until it has come, at the latest after `seconds`. */
  async settle(order: Order, seconds: number, signal?: AbortSignal): Promise<Outcome> {
    const deadline = within(seconds);
    await (this.#listening ??= this.#listen());
    const over = new AbortController();
    const { promise, wait } = waiting();
    const waits = this.#waits.get(order.id) ?? new Set();
    this.#waits.set(order.id, waits.add(wait));
    const stop = (): void => wait.reject(signal?.reason);
    signal?.addEventListener("abort", stop, { once: true });
    try {
      signal?.throwIfAborted();
      return opened(order, await Promise.race([promise, this.#press(order, wait, deadline, seconds, over.signal)]));
    } finally {
      signal?.removeEventListener("abort", stop);
      over.abort();
      waits.delete(wait);
      if (waits.size === 0) this.#waits.delete(order.id);
    }
  }

  /** Whoever waits sends again at once. */
  renewed(): void {
    for (const each of this.#waits.values()) for (const wait of each) wait.renew();
  }

  async #listen(): Promise<void> {
    let forbidden: Error | undefined;
    this.#nats.subscribe(this.#subject, {
      callback: (error, message) => {
        if (error) {
          [forbidden, this.#listening] = [notAllowed(error), undefined];
          for (const each of this.#waits.values()) for (const wait of each) wait.reject(forbidden);
          return;
        }
        const id = message.subject.slice(message.subject.lastIndexOf(".") + 1);
        if (isOutcome(message)) for (const wait of this.#waits.get(id) ?? []) wait.resolve(message);
      },
    });
    await this.#nats.flush();
    if (forbidden) throw forbidden;
  }

  /** Sends until there is no time left; never answers. Pauses double, and are long when it is known to be stored. */
  async #press(order: Order, wait: Wait, deadline: number, seconds: number, over: AbortSignal): Promise<never> {
    let [stored, why] = [false, "nothing came back"];
    for (let tries = 0; left(deadline) > 0; tries++) {
      over.throwIfAborted();
      const renewed = new Promise<void>((resolve) => (wait.renew = resolve));
      let pauses = stored ? STORED : UNSTORED;
      const milliseconds = (): number => Math.min(pauses.first * 2 ** Math.min(tries, 10), pauses.most, left(deadline) * 1000);
      const began = performance.now();
      try {
        const asked = this.#nats.request(order.subject, order.body, { timeout: Math.max(milliseconds(), 1) });
        const answer = await Promise.race([asked, renewed]);
        if (!answer) continue;
        const said = answer.json<{ seq?: number; error?: { description?: string } }>();
        if (said.seq === undefined) why = `NATS did not store it: ${said.error?.description ?? answer.string()}`;
        else [stored, pauses] = [true, STORED];
      } catch (error) {
        if (is(error, PermissionViolationError)) throw notAllowed(error);
        if (is(error, NoRespondersError)) [why, pauses] = ["nobody there takes it", UNTAKEN];
        else if (!is(error, TimeoutError)) why = String(error);
      }
      const rest = milliseconds() - (performance.now() - began);
      if (rest > 0) await Promise.race([pause(rest, over), renewed]);
    }
    if (stored) throw new Unsettled(order.kind, seconds, order.id, order.id);
    const next = `send it again with commandId "${order.id}": it counts once`;
    throw new Unreachable(`${order.kind} is not known to be stored after ${seconds} s: ${why}`, next);
  }
}

/** What NATS refuses, in our words. */
export function notAllowed(error: Error): PsmpError {
  const next = "speak in the name that the credentials are for, or ask for others that permit this";
  return new PsmpError(`NATS does not allow it: ${error.message}`, next, { cause: error });
}

/** Whether it is such an error, or was caused by one: the client of NATS wraps those of requests. */
export function is<T extends Error>(error: unknown, kind: abstract new (...given: never[]) => T): error is Error {
  return error instanceof kind || (error instanceof Error && error.cause instanceof kind);
}

function waiting(): { promise: Promise<Msg>; wait: Wait } {
  const wait = { renew: () => {} } as Wait;
  const promise = new Promise<Msg>((resolve, reject) => Object.assign(wait, { resolve, reject }));
  promise.catch(() => {}); // who has stopped waiting is told nothing
  return { promise, wait };
}

/** A peer can have answers to itself sent here, by naming this subject as its reply subject: these are none. */
function isOutcome(message: Msg): boolean {
  if (message.headers?.get("Psmp-Position")) return true;
  try {
    return message.json<{ specversion?: string }>().specversion === "1.0";
  } catch {
    return false;
  }
}

function opened(order: Order, message: Msg): Outcome {
  const event = message.json<Event>();
  const position = Number(message.headers?.get("Psmp-Position") || 0);
  if (event.type === "psmp.command.refused.v1") {
    const { code, reason, hint, conflicts, retry_seconds, current } = event.data;
    const again = retry_seconds === undefined ? {} : { retry_seconds };
    throw new PsmpProblem({ code, detail: reason, hint, conflicts, command_id: order.id, sequence: current ?? event.sequence, ...again });
  }
  if (order.kind === "slot.request" && (event.type === "psmp.slot.refused.v1" || event.type === "psmp.slot.left.v1")) {
    const detail = "reason" in event.data ? event.data.reason : `${event.data.agent} has left the queue`;
    const hint = "see whether the project is blocked or full (its status), and ask again";
    throw new PsmpProblem({ code: "NOT_GRANTED", detail, hint, command_id: order.id, sequence: event.sequence });
  }
  const receipt = message.headers?.get("Psmp-Receipt");
  const promised = receipt ? { receipt: JSON.parse(receipt) as string } : {};
  return { commandId: order.id, position, event, raw: message.string(), ...promised };
}
