// One request from its first try to its answer: over lost answers, limits of rate and gateways that are away.
import { PsmpProblem, Unreachable, Unsettled } from "./errors.js";
import { type Operations, type Problem, routes } from "./generated/rest.js";
import { backoff, left, pause, within } from "./time.js";

/** How a command is sent. */
export interface How {
  /** Seconds to wait for the outcome (30); `false`: not at all, then the answer says only that it is stored. */
  wait?: number | false;
  /** The `Idempotency-Key`; made anew for each call when left out. The same key has the effect of one, for ever. */
  key?: string;
  /** Only if the project's last event (for artifacts: their last declaration) still is this one; else PRECONDITION_FAILED. */
  ifSequence?: number;
  signal?: AbortSignal;
}

/** What comes back: the outcome, or where it was not waited for only that the command is stored. */
export type Told<K extends keyof Operations, H extends How> = H extends { wait: false }
  ? Operations[K]["sent"]
  : Operations[K]["told"];

/** What a call takes besides how it is sent. */
export type Asked<K extends keyof Operations> = Partial<Pick<Operations[K], "path" | "query" | "body">>;

/** How long an answer may take for which the whole record is gone through. */
export interface Patience {
  /** Seconds until it begins to come (600); where nobody answers it is given up sooner, as everything is. */
  within?: number;
  signal?: AbortSignal;
}

export interface Place {
  /** Where the gateway is: `http://127.0.0.1:4280`. */
  url: string;
  /** The API key, `psmp_...`. */
  key: string;
  /** In whose name; for admins alone. */
  agent?: string;
  /** Seconds that a question, and a command that is not waited for, may take with all its tries (30). */
  within?: number;
  /** Another `fetch`, for proxies and the like. */
  fetch?: typeof fetch;
}

const PATIENCE = 30;
const LONG = 600;
/** What a gateway waits for an outcome at most. */
const LONGEST_WAIT = 30;
/** Seconds beyond the wait after which no answer can be on its way any more. */
const SILENCE = 10;
const AGAIN = new Set([429, 502, 503, 504]);

export class Http {
  readonly #place: Place;
  readonly #base: string;

  constructor(place: Place) {
    this.#place = place;
    this.#base = place.url.replace(/\/+$/, "").replace(/(\/api\/v1)?$/, "/api/v1");
  }

  /** Ask something, as often as it takes. `also` are statuses that are answers as well. */
  async ask<K extends keyof Operations>(
    name: K,
    asked: Asked<K> = {},
    { signal, also = [] }: { signal?: AbortSignal | undefined; also?: readonly number[] } = {},
  ): Promise<Operations[K]["told"]> {
    const deadline = within(this.#place.within ?? PATIENCE);
    return (await this.#insist(name, asked, { headers: {}, deadline, silence: SILENCE, signal, also, take: json })).body;
  }

  /** Ask for what takes its time, in the form that `take` reads; it is asked for again only when that failed soon. */
  long<K extends keyof Operations, T>(
    name: K,
    asked: Asked<K>,
    { within: seconds = LONG, signal }: Patience,
    take: (response: Response) => T | Promise<T>,
    accept?: string,
  ): Promise<T> {
    const headers: Record<string, string> = accept === undefined ? {} : { Accept: accept };
    const deadline = within(Math.min(this.#place.within ?? PATIENCE, seconds));
    return this.#insist(name, asked, { headers, deadline, silence: seconds, signal, take });
  }

  /** Have a command settled, or stored when its outcome is not waited for; the same key goes along with every try. */
  async say<K extends keyof Operations, H extends How>(
    name: K,
    asked: Asked<K>,
    how: H | undefined,
    waits = 0,
  ): Promise<Told<K, H>> {
    const { wait = waits + PATIENCE, key = crypto.randomUUID(), ifSequence, signal } = how ?? ({} as How);
    const headers: Record<string, string> = { "Idempotency-Key": key };
    if (ifSequence !== undefined) headers["If-Match"] = `"${ifSequence}"`;
    const deadline = within(wait === false ? (this.#place.within ?? PATIENCE) : wait);
    for (;;) {
      const seconds = wait === false ? 0 : Math.min(Math.max(Math.ceil(left(deadline)), 1), LONGEST_WAIT);
      headers["Prefer"] = wait === false ? "respond-async" : `wait=${seconds}`;
      const { status, body } = await this.#insist(name, asked, { headers, deadline, silence: seconds + SILENCE, signal, take: json });
      if (status !== 202 || wait === false) return body;
      if (left(deadline) < 1) throw new Unsettled(routes[name].join(" "), wait, body.command_id, key);
    }
  }

  /** The answer to one request whose body is read by the caller. Raises `PsmpProblem` and `Unreachable`. */
  async open<K extends keyof Operations>(
    name: K,
    asked: Asked<K>,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Response> {
    const response = await this.#send(name, asked, headers, signal);
    if (!response.ok) throw problem(response, await response.text());
    return response;
  }

  async #insist<K extends keyof Operations, T>(
    name: K,
    asked: Asked<K>,
    { headers, deadline, silence, signal, also = [], take }: Insisting<T>,
  ): Promise<T> {
    for (let tries = 0; ; tries++) {
      const silent = new AbortController(); // over when it is taken: what is read later takes as long as it takes
      const timer = setTimeout(() => silent.abort(new DOMException("it is silent", "TimeoutError")), silence * 1000);
      let trouble: PsmpProblem | Unreachable;
      try {
        const response = await this.#send(name, asked, headers, signal ? AbortSignal.any([signal, silent.signal]) : silent.signal);
        if (response.ok || also.includes(response.status)) return await take(response);
        trouble = problem(response, await response.text());
        if (!AGAIN.has(response.status)) throw trouble;
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof PsmpProblem) throw error;
        trouble = error instanceof Unreachable ? error : new Unreachable(`${this.#base} does not answer: ${error}`, LOOK, { cause: error });
      } finally {
        clearTimeout(timer);
      }
      const milliseconds = trouble instanceof PsmpProblem && trouble.retrySeconds ? trouble.retrySeconds * 1000 : backoff(tries);
      if (milliseconds / 1000 >= left(deadline)) throw trouble;
      await pause(milliseconds, signal);
    }
  }

  #send<K extends keyof Operations>(
    name: K,
    { path, query, body }: Asked<K>,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Response> {
    const [method, route] = routes[name];
    const places: Record<string, unknown> = path ?? {};
    const where = new URL(this.#base + route.replace(/\{(\w+)\}/g, (_, each: string) => encodeURIComponent(String(places[each]))));
    for (const [parameter, values] of Object.entries(query ?? {})) {
      for (const value of [values].flat()) if (value !== undefined) where.searchParams.append(parameter, String(value));
    }
    const said: Record<string, string> = { Authorization: `Bearer ${this.#place.key}`, ...headers };
    if (this.#place.agent !== undefined) said["Psmp-Agent"] = this.#place.agent;
    if (body !== undefined) said["Content-Type"] = "application/json";
    const send = this.#place.fetch ?? fetch;
    return send(where, { method, headers: said, signal, redirect: "error", ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }
}

const LOOK = "see whether the gateway runs and the address is right; the same again counts once";

function problem(response: Response, text: string): PsmpProblem | Unreachable {
  const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const again = Number.isFinite(seconds) ? { retry_seconds: seconds } : {};
  if (response.headers.get("Content-Type")?.startsWith("application/problem+json")) {
    return new PsmpProblem({ ...(JSON.parse(text) as Problem), ...again });
  }
  return new Unreachable(`${response.url} answers ${response.status}, and not as PSMP does: ${text.slice(0, 200)}`, LOOK);
}

interface Insisting<T> {
  headers: Record<string, string>;
  /** When it is not tried again any more, a moment of `performance.now()`. */
  deadline: number;
  /** Seconds after which one try is given up. */
  silence: number;
  signal: AbortSignal | undefined;
  /** Statuses that are answers as well. */
  also?: readonly number[];
  take: (response: Response) => T | Promise<T>;
}

// eslint-disable-next-line -- what a status brings is what the description says
async function json(response: Response): Promise<{ status: number; body: any }> {
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}
