// What the screens read, and which events change it.
import { get, request } from "../api/client";
import type { AlertLine, BlockingReport, NumberLine, ProjectLine, Status } from "../api/words";
import type { LogEvent } from "./event";
import type { Source } from "./resource";
import { useResource } from "./use";

const MOST = 500;

export interface Projects {
  items: readonly ProjectLine[];
  behind: number;
}

function projects(): Source<Projects> {
  return {
    spacing: 400,
    concerns: () => true,
    async load(signal) {
      const items: ProjectLine[] = [];
      let cursor: string | undefined;
      let behind = 0;
      do {
        const page = await get("/api/v1/projects", { query: { limit: MOST, cursor }, signal });
        items.push(...page.items);
        behind = page.behind ?? 0;
        cursor = page.next_cursor ?? undefined;
      } while (cursor !== undefined);
      const reached = new Map(items.map((each) => [each.project, each.sequence]));
      return { data: { items, behind }, reaches: (event) => (reached.get(event.project) ?? 0) >= event.sequence };
    },
  };
}

export function useProjects() {
  return useResource("projects", projects);
}

/** A project as it stands now. What is known already is not sent again. */
function status(project: string): Source<Status> {
  return {
    spacing: 150,
    concerns: (event) => event.project === project,
    async load(signal, before) {
      const headers: Record<string, string> = before === null ? {} : { "If-None-Match": `"${before.sequence}"` };
      const response = await request("GET", "/api/v1/projects/{project}", { path: { project }, headers, signal });
      const data = response.status === 304 && before !== null ? before : ((await response.json()) as Status);
      return { data, reaches: (event) => data.sequence >= event.sequence };
    },
  };
}

export function useStatus(project: string) {
  return useResource(`status/${project}`, () => status(project));
}

const OF_ALERTS = /^(alert|conflict|resolution|slot|project|letter)\./;

function alerts(waiting: boolean): Source<readonly AlertLine[]> {
  return {
    spacing: 400,
    concerns: (event: LogEvent) => OF_ALERTS.test(event.kind),
    async load(signal) {
      const page = await get("/api/v1/alerts", { query: { waiting, limit: MOST }, signal });
      return { data: page.items, reaches: () => !page.behind };
    },
  };
}

export function useAlerts(waiting: boolean) {
  return useResource(`alerts/${waiting}`, () => alerts(waiting));
}

const OF_BLOCKS = /^(artifact|conflict|resolution|project|slot)\./;

/** What blocks which projects. */
function blocking(): Source<BlockingReport> {
  return {
    spacing: 400,
    concerns: (event: LogEvent) => OF_BLOCKS.test(event.kind),
    async load(signal) {
      return { data: await get("/api/v1/governance/blocking-report", { query: { limit: MOST }, signal }) };
    },
  };
}

export function useBlocking() {
  return useResource("blocking", blocking);
}

/** The line of versions of a conflict; `told` is the event that made it what it is. */
export function useNumberLine(project: string, conflict: string, told: number) {
  return useResource(`line/${project}/${conflict}/${told}`, () => ({
    spacing: 0,
    concerns: () => false,
    async load(signal: AbortSignal, before: NumberLine | null) {
      const at = { path: { conflict }, query: { project }, signal };
      return { data: before ?? (await get("/api/v1/governance/conflicts/{conflict}/ranges", at)) };
    },
  }));
}
