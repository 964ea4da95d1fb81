// What the screens of the record and of the operations read.
import { get, request } from "../api/client";
import type { components } from "../api/schema";
import type { Status } from "../api/words";
import type { StoredEvent } from "./event";
import type { Source } from "./resource";
import { useResource } from "./use";

type Schemas = components["schemas"];
export type Checkpoint = Schemas["CheckpointState"];
export type Proof = Schemas["InclusionProof"];
export type Consistency = Schemas["ConsistencyProof"];
export type Differences = Schemas["Changes"];
export type Difference = Schemas["Difference"];
export type Agent = Schemas["AgentState"];
export type Verification = Schemas["Verification"];
export type Operations = Schemas["OperationsState"];
export type Letter = Schemas["LetterState"];
export type Point = Schemas["Point"];
export type Stretch = Schemas["Series"]["stretch"];

/** An event with its place in the log of all projects, and the leaf that it is in the tree of its own. */
export interface Recorded {
  readonly position: number;
  readonly leaf: string;
  readonly event: StoredEvent;
}

export interface History {
  /** Newest first. */
  readonly items: readonly Recorded[];
  /** What the sealed texts in it say. */
  readonly opened: Readonly<Record<string, string>>;
  /** Where what is older goes on. */
  readonly cursor: string | null;
}

const PAGE = 100;
const EVENTS = "/api/v1/projects/{project}/events";

/** The newest events of a project; what is new is added, so that nothing is read twice. */
function history(project: string, kind: string): Source<History> {
  const kinds = kind ? [kind] : undefined;
  return {
    spacing: 250,
    concerns: (event) => event.project === project,
    async load(signal, before) {
      if (before === null || before.items.length === 0) {
        const page = await get(EVENTS, { path: { project }, query: { kind: kinds, order: "desc", limit: PAGE }, signal });
        return { data: historyOf(page) };
      }
      const found: Recorded[] = [];
      let opened = before.opened;
      let cursor: string | undefined;
      do {
        const query = { kind: kinds, order: "asc", after: before.items[0]!.event.sequence, limit: 500, cursor };
        const page = await get(EVENTS, { path: { project }, query, signal });
        found.push(...historyOf(page).items);
        opened = { ...opened, ...page.opened };
        cursor = page.next_cursor ?? undefined;
      } while (cursor !== undefined);
      return { data: { items: [...found.reverse(), ...before.items], opened, cursor: before.cursor } };
    },
  };
}

export function useHistory(project: string, kind: string) {
  return useResource(`history/${project}/${kind}`, () => history(project, kind));
}

export async function older(project: string, kind: string, cursor: string): Promise<History> {
  const page = await get(EVENTS, { path: { project }, query: { kind: kind ? [kind] : undefined, order: "desc", limit: PAGE, cursor } });
  return historyOf(page);
}

function historyOf(page: Schemas["EventPage"]): History {
  return { items: page.items as unknown as Recorded[], opened: page.opened ?? {}, cursor: page.next_cursor ?? null };
}

/** A project as it stood right after one of its events; the past does not change. */
export function usePast(project: string, sequence: number) {
  return useResource(`past/${project}/${sequence}`, () => ({
    spacing: 0,
    concerns: () => false,
    async load(signal: AbortSignal, before: Status | null) {
      return { data: before ?? (await get("/api/v1/projects/{project}", { path: { project }, query: { sequence }, signal })) };
    },
  }));
}

/** The newest checkpoints of a project, newest first. */
export function useCheckpoints(project: string) {
  return useResource(`checkpoints/${project}`, () => ({
    spacing: 3000,
    concerns: (event: { project: string }) => event.project === project,
    async load(signal: AbortSignal) {
      const page = await get("/api/v1/projects/{project}/checkpoints", { path: { project }, query: { limit: 50 }, signal });
      return { data: page.items };
    },
  }));
}

/** What is otherwise in a project at one of its events than at an earlier one. */
export function useDifferences(project: string, at: number, to: number) {
  return useResource(`differences/${project}/${at}/${to}`, () => ({
    spacing: 0,
    concerns: () => false,
    async load(signal: AbortSignal, before: Differences | null) {
      return { data: before ?? (await get("/api/v1/projects/{project}/diff", { path: { project }, query: { at, to }, signal })) };
    },
  }));
}

/** Who takes part, and when each was heard. Heartbeats make no event: it is read again while somebody looks. */
export function useAgents(project: string) {
  return useResource(`agents/${project}`, () => ({
    spacing: 1000,
    concerns: (event: { project: string }) => event.project === project,
    async load(signal: AbortSignal) {
      const list = await get("/api/v1/projects/{project}/agents", { path: { project }, signal });
      return { data: { items: list.items, ahead: Date.parse(list.present) - Date.now(), sequence: list.sequence } };
    },
  }));
}

/** That the log, when it had `to` records, began with its first `since` as they were. */
export function useConsistency(project: string, since: number, to: number) {
  return useResource(`consistency/${project}/${since}/${to}`, () => ({
    spacing: 1000,
    concerns: () => false,
    async load(signal: AbortSignal) {
      return { data: await get("/api/v1/projects/{project}/proofs/consistency", { path: { project }, query: { since, to }, signal }) };
    },
  }));
}

/** The exact bytes of an event, as they are hashed. */
export async function bytesOf(project: string, sequence: number): Promise<string> {
  const query = { order: "asc", after: sequence - 1, limit: 1 };
  const response = await request("GET", EVENTS, { path: { project }, query, headers: { Accept: "application/jsonl" } });
  return (await response.text()).replace(/\n$/, "");
}

export function useProof(project: string, sequence: number) {
  return useResource(`proof/${project}/${sequence}`, () => ({
    spacing: 1000,
    concerns: () => false,
    async load(signal: AbortSignal) {
      return { data: await get("/api/v1/projects/{project}/proofs/inclusion/{sequence}", { path: { project, sequence }, signal }) };
    },
  }));
}

export function useOperations() {
  return useResource("operations", () => ({
    spacing: 2000,
    concerns: () => true,
    async load(signal: AbortSignal) {
      return { data: await get("/api/v1/operations", { signal }) };
    },
  }));
}

const OF_LETTERS = /^(letter|alert)\./;

export function useLetters(waiting: boolean) {
  return useResource(`letters/${waiting}`, () => ({
    spacing: 400,
    concerns: (event: { kind: string }) => OF_LETTERS.test(event.kind),
    async load(signal: AbortSignal) {
      const page = await get("/api/v1/dead-letters", { query: { waiting, limit: 100 }, signal });
      return { data: page.items };
    },
  }));
}

export function useActivity(since: string, stretch: Stretch, project: string) {
  return useResource(`activity/${since}/${stretch}/${project}`, () => ({
    spacing: 5000,
    concerns: (event: { project: string }) => !project || event.project === project,
    async load(signal: AbortSignal) {
      return { data: await get("/api/v1/analytics/activity", { query: { since, stretch, project: project || undefined }, signal }) };
    },
  }));
}
