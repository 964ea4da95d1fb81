// What can go wrong. Every message is a sentence that a person or a model can act on, and ends with what to do next.
import type { Problem, ProblemCode } from "./generated/rest.js";

/** Every error of this client; `next` says what to do next. */
export class PsmpError extends Error {
  readonly reason: string;
  readonly next: string;

  constructor(reason: string, next: string, options?: ErrorOptions) {
    super(next ? `${ended(reason)} Next: ${ended(next)}` : ended(reason), options);
    this.name = new.target.name;
    this.reason = reason;
    this.next = next;
  }
}

/** The answer is no, or it was asked wrongly. `code` is stable: `if (error.code === "PROJECT_BLOCKED")`. */
export class PsmpProblem extends PsmpError {
  /** A code of `GET /problems`; a newer server may know more of them. */
  readonly code: ProblemCode | (string & {});
  /** The HTTP status; over NATS there is none. */
  readonly status: number | undefined;
  /** The open conflicts that stand in the way. */
  readonly conflicts: readonly string[];
  /** What is wrong with the request: where (a JSON pointer or the name of a parameter), and what. */
  readonly errors: readonly { pointer: string; detail: string }[];
  /** The same may be answered otherwise after so many seconds. */
  readonly retrySeconds: number | undefined;
  /** The command that was refused. */
  readonly commandId: string | undefined;
  /** The event that the problem is about: the refusal, or what was changed since. */
  readonly sequence: number | undefined;

  constructor(told: Partial<Problem> & Pick<Problem, "code" | "detail">) {
    super(told.detail, told.hint ?? "");
    this.code = told.code;
    this.status = told.status;
    this.conflicts = told.conflicts ?? [];
    this.errors = told.errors ?? [];
    this.retrySeconds = told.retry_seconds;
    this.commandId = told.command_id;
    this.sequence = told.sequence;
  }
}

/** Nobody answered, or not in our words. What was asked may have been done: the same `key` makes it count once. */
export class Unreachable extends PsmpError {}

/** A command that is stored and not to be lost, but had no outcome in time. */
export class Unsettled extends PsmpError {
  readonly commandId: string;
  /** Send the same with this `key` (over NATS: `commandId`) for the outcome; it counts once. */
  readonly key: string;

  constructor(what: string, seconds: number, commandId: string, key: string) {
    super(`${what} is stored, but has no outcome after ${seconds} s`, `send the same again with key "${key}"`);
    this.commandId = commandId;
    this.key = key;
  }
}

/** A project's events do not link to each other: something was changed, dropped or put in between. */
export class Damaged extends PsmpError {
  constructor(project: string, sequence: number, why: string) {
    super(`the log of ${project} is damaged at event ${sequence}: ${why}`, "run `psmp verify` and trust nothing after it");
  }
}

function ended(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
