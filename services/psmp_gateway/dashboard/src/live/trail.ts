// What the screens of the audit trail and of compliance read.
import { get, request } from "../api/client";
import type { components } from "../api/schema";
import type { LogEvent } from "./event";
import type { Recorded } from "./record";
import { useResource } from "./use";

export interface Wanted {
  project?: string | undefined;
  agent?: string | undefined;
  kind?: readonly string[] | undefined;
  since?: string | undefined;
  until?: string | undefined;
  text?: string | undefined;
}

export interface Trail {
  items: readonly (Recorded & { project: string })[];
  cursor: string | null;
  behind: number;
}

const AUDIT = "/api/v1/governance/compliance/audit";

export async function search(wanted: Wanted, cursor: string | undefined, signal?: AbortSignal): Promise<Trail> {
  const page = await get(AUDIT, { query: { ...wanted, limit: 50, cursor }, ...(signal ? { signal } : {}) });
  return { items: page.items as unknown as Trail["items"], cursor: page.next_cursor ?? null, behind: page.behind ?? 0 };
}

/** The newest that fits; what is new and may fit has it read again. */
export function useTrail(wanted: Wanted) {
  return useResource(`trail/${JSON.stringify(wanted)}`, () => ({
    spacing: 1500,
    concerns: (event: LogEvent) => (wanted.project === undefined || event.project === wanted.project) && wanted.until === undefined,
    async load(signal: AbortSignal) {
      const data = await search(wanted, undefined, signal);
      return { data, reaches: () => data.behind === 0 };
    },
  }));
}

export interface Control {
  control: string;
  title: string;
  status: string;
  about: string;
  evidence: readonly string[];
  not_proved: string;
}

export interface Report {
  holds: boolean;
  framework: string;
  report: {
    tenant: string;
    position: number;
    checkpoint: number | null;
    again: string;
    faults: readonly string[];
    controls: readonly Control[];
    projects: readonly Record<string, unknown>[];
  };
}

const REPORT = "/api/v1/governance/compliance/report";
type Made = components["schemas"]["ReportDocument"];

export interface Asked {
  framework: "soc2" | "gdpr" | "hipaa";
  since?: string | undefined;
  until?: string | undefined;
}

export function useReport(asked: Asked) {
  return useResource(`report/${JSON.stringify(asked)}`, () => ({
    spacing: 0,
    concerns: () => false,
    async load(signal: AbortSignal) {
      return { data: (await get(REPORT, { query: { ...asked }, signal })) satisfies Made as unknown as Report };
    },
  }));
}

/** The report to read, as Markdown. */
export async function written(asked: Asked): Promise<string> {
  return (await request("GET", REPORT, { query: { ...asked }, headers: { Accept: "text/markdown" } })).text();
}
