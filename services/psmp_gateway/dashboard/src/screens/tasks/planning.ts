// Tasks as somebody fills them in: who may do what with one, what is sent, and what another has changed meanwhile. Pure.
import type { Planned, Status, TaskChange } from "../../api/words";

/** A task as it is filled in. */
export interface Fields {
  readonly title: string;
  readonly details: string;
  /** "" is whoever takes it. */
  readonly agent: string;
  /** Ids, with commas or spaces between them. */
  readonly artifacts: string;
  readonly status: Exclude<Planned["status"], "ARCHIVED">;
}

export const DOING: Record<Planned["status"], string> = { OPEN: "open", IN_PROGRESS: "in progress", DONE: "done", ARCHIVED: "archived" };
const UNDER_WAY: readonly string[] = ["INITIALIZED", "PLANNING", "IN_PROGRESS", "BLOCKED", "RESOLVING"];
const MOST = 64;

/** Whether a project has not come to its end: it may be changed, and tasks be planned in it. */
export function isUnderWay({ phase }: Pick<Status, "phase">): boolean {
  return UNDER_WAY.includes(phase);
}

/** Who decides over what is others': the resolvers, and who made the project, which for what PSMP made is its operator. */
export function governors({ creator = "", policy }: Pick<Status, "creator" | "policy">): readonly string[] {
  if (creator.startsWith("psmp_")) return ["operator"];
  return [...new Set([creator, ...(policy.resolvers ?? [])].filter(Boolean))];
}

/** Everybody who is known to take part, by name. */
export function everybody(status: Status): readonly string[] {
  const named = [...status.slots, ...(status.waiting ?? []), ...status.artifacts, ...(status.tasks ?? [])].map(({ agent }) => agent ?? "");
  return [...new Set([...named, ...governors(status)].filter(Boolean))].sort();
}

/** Whoever made it, whose it is, and who governs the project may change a task. */
export function mayChange(status: Pick<Status, "creator" | "policy">, planned: Planned, agent: string): boolean {
  return agent === planned.by || agent === planned.agent || governors(status).includes(agent);
}

export interface Step {
  readonly name: string;
  readonly change: TaskChange;
}

/** What `agent` would do next with a task; null where that is not its own to say, or nothing is left. */
export function nextStep({ status, agent: whose }: Planned, agent: string): Step | null {
  if (status !== "OPEN" && status !== "IN_PROGRESS") return null;
  if (!whose) return { name: "Take it", change: { agent, status: "IN_PROGRESS" } };
  if (whose !== agent) return null;
  return status === "OPEN" ? { name: "Begin", change: { status: "IN_PROGRESS" } } : { name: "Mark done", change: { status: "DONE" } };
}

export function fieldsOf({ title, details, agent, artifacts, status }: Planned): Fields {
  return { title, details: details ?? "", agent: agent ?? "", artifacts: (artifacts ?? []).join(", "), status: status === "ARCHIVED" ? "OPEN" : status };
}

export function ids(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))];
}

/** What is to be otherwise; null where nothing is. */
export function changeOf(seen: Planned, fields: Fields): TaskChange | null {
  const was = fieldsOf(seen);
  const change: TaskChange = {};
  if (fields.title.trim() !== was.title) change.title = fields.title.trim();
  if (fields.details !== was.details) change.details = fields.details;
  if (fields.agent.trim() !== was.agent) change.agent = fields.agent.trim();
  if (ids(fields.artifacts).join() !== ids(was.artifacts).join()) change.artifacts = [...ids(fields.artifacts)];
  if (fields.status !== was.status) change.status = fields.status;
  return Object.keys(change).length ? change : null;
}

export interface Other {
  readonly what: string;
  readonly was: string;
  readonly is: string;
}

/** What of a task is otherwise than it was when somebody looked. */
export function others(seen: Planned, now: Planned): readonly Other[] {
  const told = (task: Planned) => [["title", task.title], ["details", task.details ?? ""], ["whose", task.agent ?? "nobody’s"], ["artifacts", (task.artifacts ?? []).join(", ") || "none"], ["status", DOING[task.status]]] as const;
  const after = new Map(told(now));
  return told(seen).flatMap(([what, was]) => (after.get(what) === was ? [] : [{ what, was, is: after.get(what)! }]));
}

/** An id that says what a task is about, and that none has. */
export function idFor(title: string, taken: ReadonlySet<string>): string {
  const plain = title.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  const name = plain.slice(0, MOST - 4).replace(/-+$/, "") || "task";
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? name : `${name}-${number}`;
    if (!taken.has(id)) return id;
  }
}
