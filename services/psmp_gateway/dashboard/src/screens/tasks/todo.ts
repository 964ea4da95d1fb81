// What is to be done in a project, as its status tells: what was planned, and what is asked about its conflicts. Pure.
import type { Planned, Status } from "../../api/words";

export type Kind = "work" | "answer" | "resolve";

/** What shall come of a task, and how it stands: the state of the artifact, "" while it is not declared. */
export interface Made {
  readonly artifact: string;
  readonly state: string;
}

export interface Todo {
  readonly id: string;
  readonly kind: Kind;
  readonly status: Planned["status"];
  readonly title: string;
  /** Who is asked; nobody: whoever takes it. */
  readonly agents: readonly string[];
  readonly made: readonly Made[];
  /** Since when it is there, by whom. */
  readonly since: string;
  readonly by: string;
  readonly conflict: string | null;
  /** Until when an answer counts. */
  readonly until: string | null;
  readonly planned: Planned | null;
}

export interface Filter {
  /** "" is all that is not archived. */
  readonly status: string;
  readonly kind: string;
  /** NOBODY is what is still to be taken. */
  readonly agent: string;
}

export const NOBODY = "-";
const RANK: Record<Todo["status"], number> = { IN_PROGRESS: 1, OPEN: 1, DONE: 2, ARCHIVED: 3 };
/** Seconds that an owner has to answer, unless the proposal says otherwise. */
const ANSWER = 300;

/** All of it: what others wait for first, then what is to be done, then what is done; the oldest first, of what is done the newest. */
export function todos(status: Status): readonly Todo[] {
  const planned = (status.tasks ?? []).map((each) => workOf(status, each));
  return [...answers(status), ...open(status), ...planned].sort(
    (one, other) => rank(one) - rank(other) || (rank(one) < 2 ? 1 : -1) * one.since.localeCompare(other.since) || one.id.localeCompare(other.id),
  );
}

export function isUndone({ status }: Pick<Todo, "status">): boolean {
  return status === "OPEN" || status === "IN_PROGRESS";
}

export function fitting(all: readonly Todo[], { status, kind, agent }: Filter): readonly Todo[] {
  return all.filter(
    (each) =>
      (status === "" ? each.status !== "ARCHIVED" : each.status === status) &&
      (kind === "" || each.kind === kind) &&
      (agent === "" || (agent === NOBODY ? each.agents.length === 0 : each.agents.includes(agent))),
  );
}

/** Everybody whom anything of it is about, by name. */
export function agentsOf(all: readonly Todo[]): readonly string[] {
  return [...new Set(all.flatMap((each) => each.agents))].sort();
}

function rank({ kind, status }: Todo): number {
  return kind === "work" ? RANK[status] : 0;
}

function workOf(status: Status, planned: Planned): Todo {
  const { task, title, agent, since, by } = planned;
  const made = (planned.artifacts ?? []).map((artifact) => ({ artifact, state: status.artifacts.find((each) => each.artifact === artifact)?.status ?? "" }));
  return { id: task, kind: "work", status: planned.status, title, agents: agent ? [agent] : [], made, since, by, conflict: null, until: null, planned };
}

function answers(status: Status): Todo[] {
  return (status.resolutions ?? [])
    .filter(({ unanswered = [], conflict }) => unanswered.length > 0 && status.conflicts.some((each) => each.id === conflict))
    .map(({ resolution, conflict, by, since, unanswered = [], changes = [], seconds }) => ({
      id: `answer:${resolution}`,
      kind: "answer",
      status: "OPEN",
      title: `Answer ${resolution}: ${by} would change ${[...new Set(changes.map((each) => each.artifact))].join(", ") || "something"}`,
      agents: unanswered,
      made: [],
      since,
      by,
      conflict,
      until: new Date(Date.parse(since) + (seconds ?? status.policy.answer_seconds ?? ANSWER) * 1000).toISOString(),
      planned: null,
    }));
}

/** The conflicts that nobody is at, and that are not waived. */
function open(status: Status): Todo[] {
  const taken = new Set([...(status.resolutions ?? []), ...(status.waivers ?? [])].map((each) => each.conflict));
  return status.conflicts
    .filter(({ id }) => !taken.has(id))
    .map(({ id, subject }) => ({
      id: `resolve:${id}`,
      kind: "resolve",
      status: "OPEN",
      title: `Resolve ${id}: ${subject}`,
      agents: status.policy.resolvers ?? [],
      made: [],
      since: status.since,
      by: "",
      conflict: id,
      until: null,
      planned: null,
    }));
}
