// Requests to the API of the same origin, typed by its description. Every error is a Problem.
import type { paths } from "./schema";
import type { ProblemBody } from "./words";

export const API = "/api/v1";

/** A name for one command; crypto.randomUUID is there in secure contexts alone. */
export function fresh(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

type Json<R> = R extends { content: { "application/json": infer Body } } ? Body : never;
type Answers<O> = O extends { responses: infer R } ? Json<R[Extract<keyof R, 200 | 201 | 202>]> : never;
type Bodies<O> = O extends { requestBody: { content: { "application/json": infer B } } } ? B : undefined;
type With<M extends string> = { [P in keyof paths]: paths[P] extends { [K in M]: { responses: unknown } } ? P : never }[keyof paths];

export type Asked = With<"get">;
export type Answer<P extends Asked> = Answers<paths[P]["get"]>;
export type Told = With<"post">;
export type Body<P extends Told> = Bodies<paths[P]["post"]>;
export type Outcome<P extends Told> = Answers<paths[P]["post"]>;

export interface At {
  path?: Record<string, string | number>;
  query?: Record<string, string | number | boolean | readonly string[] | undefined>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** What the API refused, or that it cannot be reached (status 0). */
export class Problem extends Error {
  constructor(readonly body: Pick<ProblemBody, "status" | "code" | "title" | "detail"> & Partial<ProblemBody>) {
    super(body.detail);
  }
  get code(): string {
    return this.body.code;
  }
  get status(): number {
    return this.body.status;
  }
  get hint(): string {
    return this.body.hint ?? "";
  }
}

export function unreachable(why: string): Problem {
  return new Problem({
    status: 0,
    code: "UNREACHABLE",
    title: "The gateway cannot be reached",
    detail: `the gateway does not answer: ${why}`,
    hint: "it is asked again; psmp doctor tells what runs",
  });
}

/** The address of a path of the API; what is undefined in the query is left out. */
export function address(path: string, at: At = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(at.path?.[name] ?? "")));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(at.query ?? {})) {
    for (const each of Array.isArray(value) ? value : [value]) if (each !== undefined) query.append(name, String(each));
  }
  const asked = query.toString();
  return asked ? `${filled}?${asked}` : filled;
}

export async function request(method: string, path: string, at: At = {}, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json", ...at.headers };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const init: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store" };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (at.signal) init.signal = at.signal;
  let response: Response;
  try {
    response = await fetch(address(path, at), init);
  } catch (error) {
    if (at.signal?.aborted) throw error;
    throw unreachable(error instanceof Error ? error.message : String(error));
  }
  if (!response.ok && response.status !== 304) {
    const problem = await problemOf(response);
    if (problem.status === 401) unauthenticated(problem);
    throw problem;
  }
  return response;
}

let unauthenticated: (problem: Problem) => void = () => {};

/** Be told when a request is not let in: the session is over. */
export function whenUnauthenticated(listener: (problem: Problem) => void): void {
  unauthenticated = listener;
}

export async function problemOf(response: Response): Promise<Problem> {
  try {
    return new Problem((await response.json()) as ProblemBody);
  } catch {
    const told = `the answer was ${response.status} ${response.statusText}`.trim();
    return new Problem({ status: response.status, code: "UNREADABLE", title: "It cannot be read", detail: told });
  }
}

export async function get<P extends Asked>(path: P, at: At = {}): Promise<Answer<P>> {
  return (await (await request("GET", path, at)).json()) as Answer<P>;
}

/** Says a command. The key makes that a repetition after a lost answer counts once. */
export async function post<P extends Told>(path: P, at: At, body: Body<P>): Promise<Outcome<P>> {
  const headers = { "Idempotency-Key": fresh(), Prefer: "wait=15", ...at.headers };
  return (await (await request("POST", path, { ...at, headers }, body)).json()) as Outcome<P>;
}
