// Which phase people may ask for next, and whether a project can be given up. The rules decide (psmp.rules.lifecycle). Pure.
import type { Phase, Status } from "../../api/words";

/** By phase, besides ARCHIVED. */
export const NEXT: Readonly<Record<Phase, readonly Phase[]>> = {
  INITIALIZED: ["PLANNING"],
  PLANNING: ["IN_PROGRESS"],
  IN_PROGRESS: ["COMPLETED"],
  BLOCKED: [],
  RESOLVING: [],
  COMPLETED: [],
  ARCHIVED: [],
};
/** Phases from which a project can be archived. */
export const LEFT: readonly Phase[] = ["INITIALIZED", "PLANNING", "IN_PROGRESS", "RESOLVING", "COMPLETED"];

type Standing = Pick<Status, "state" | "phase">;

/** What may be asked for: nothing while conflicts block, whatever phase is written. */
export function next({ state, phase }: Standing): readonly Phase[] {
  return state === "BLOCKED" ? [] : NEXT[phase];
}

export function canBeArchived({ state, phase }: Standing): boolean {
  return state !== "BLOCKED" && LEFT.includes(phase);
}

/** What a phase means for who works in the project, and what comes after it. */
export const MEANING: Readonly<Record<Phase, string>> = {
  INITIALIZED: "It is there, and nothing is declared in it before it is planned.",
  PLANNING: "Agents run and declare; it goes in progress when somebody says so.",
  IN_PROGRESS: "Agents run and declare; it is completed when all that is planned is done and nobody runs.",
  BLOCKED: "No slot is given before its conflicts are gone. Then it goes on by itself.",
  RESOLVING: "A resolution is under way. When nothing blocks any more it goes on by itself.",
  COMPLETED: "It has come to its end: nothing is declared or planned any more.",
  ARCHIVED: "It is kept to be read, and stays as it is.",
};
