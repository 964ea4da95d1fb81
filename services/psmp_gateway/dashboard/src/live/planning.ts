// Commands about planned tasks and about a project as a whole. `as` is in whose name, "" for one's own.
import { Problem, fresh, get, request } from "../api/client";
import type { ProjectChange, Status, TaskChange, TaskPlan } from "../api/words";

const PROJECT = "/api/v1/projects/{project}";
const TASKS = `${PROJECT}/tasks`;
const TASK = `${TASKS}/{task}`;
/** How often a change is sent again because the project has gone on, though what is changed is as it was. */
const TRIES = 5;
const OUTPACED = "PRECONDITION_FAILED";

/** Says a command; `seen` is the event that must still stand. The key makes that a repetition counts once. */
async function said(method: string, path: string, about: Record<string, string>, body: unknown, as: string, seen?: number): Promise<void> {
  const headers: Record<string, string> = { "Idempotency-Key": fresh(), Prefer: "wait=15" };
  if (as) headers["Psmp-Agent"] = as;
  if (seen !== undefined) headers["If-Match"] = `"${seen}"`;
  await request(method, path, { path: about, headers }, body);
}

export function planTask(project: string, plan: TaskPlan, as: string): Promise<void> {
  return said("POST", TASKS, { project }, plan, as);
}

export function changeTask(project: string, task: string, change: TaskChange, as: string, seen: number): Promise<void> {
  return said("PATCH", TASK, { project, task }, change, as, seen);
}

export function archiveTask(project: string, task: string, reason: string, as: string, seen: number): Promise<void> {
  return said("DELETE", TASK, { project, task }, { reason }, as, seen);
}

export function archiveProject(project: string, reason: string, as: string): Promise<void> {
  return said("DELETE", PROJECT, { project }, { reason }, as);
}

export function moveProject(project: string, to: Status["phase"], reason: string, as: string): Promise<void> {
  return said("POST", `${PROJECT}/transition`, { project }, { to, reason }, as);
}

/** Changes a project that still is as `seen` tells, in all that `is` looks at; what else happened in it does not matter. */
export async function changeProject(seen: Status, change: ProjectChange, as: string, is: (now: Status) => boolean): Promise<void> {
  let { sequence } = seen;
  for (let left = TRIES; ; left -= 1) {
    try {
      return await said("PATCH", PROJECT, { project: seen.project }, change, as, sequence);
    } catch (error) {
      const now = left > 1 && error instanceof Problem && error.code === OUTPACED ? await get(PROJECT, { path: { project: seen.project } }) : null;
      if (now === null || !is(now)) throw error;
      sequence = now.sequence;
    }
  }
}
