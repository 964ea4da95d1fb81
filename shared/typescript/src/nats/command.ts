// A command as it is sent: a CloudEvent, serialised once. docs/subjects.md says what the subjects mean.
import type { Commands } from "../generated/contract.js";

export type Kind = keyof Commands;

/** A command: the same bytes every time, so that sending it again changes nothing. */
export interface Order {
  id: string;
  kind: Kind;
  subject: string;
  body: Uint8Array;
}

export const MOST_BYTES = 64 * 1024;

/** Of a project, an agent and what it says. */
export function order<K extends Kind>(
  tenant: string,
  project: string,
  agent: string,
  kind: K,
  data: Commands[K],
  id = uuid7(Date.now(), crypto.getRandomValues(new Uint8Array(10))),
  expected?: number,
): Order {
  check({ tenant, project, agent });
  const body = new TextEncoder().encode(
    JSON.stringify({
      specversion: "1.0",
      id,
      source: "/psmp/client",
      type: `psmp.${kind}.v1`,
      subject: `${tenant}/${project}`,
      time: new Date().toISOString(),
      datacontenttype: "application/json",
      actor: agent,
      ...(expected === undefined ? {} : { expected }),
      data,
    }),
  );
  if (body.length > MOST_BYTES) throw new RangeError(`${body.length} bytes when sent, at most ${MOST_BYTES} are taken`);
  return { id, kind, subject: `psmp.cmd.${tenant}.${project}.${agent}.${kind}`, body };
}

/** Raises `RangeError` unless all are ids: one token of a subject each, without wildcards. */
export function check(tokens: { [what: string]: string }): void {
  for (const [what, token] of Object.entries(tokens)) {
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(token)) throw new RangeError(`${what}: ${JSON.stringify(token)} is no id`);
  }
}

/** The UUIDv7 of a time in milliseconds and 10 random bytes (RFC 9562, section 5.7). */
export function uuid7(milliseconds: number, chance: Uint8Array): string {
  const hex = milliseconds.toString(16).padStart(12, "0") + Array.from(chance, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const variant = "89ab"[(chance[2] ?? 0) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
