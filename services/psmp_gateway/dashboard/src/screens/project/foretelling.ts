// What would come of a way out, in words. Pure.
import type { components } from "../../api/schema";
import { listed } from "../../parts/words";

export type Foreseen = components["schemas"]["Foreseen"];

export interface Word {
  tone: "good" | "warn" | "bad";
  mark: string;
  text: string;
}

/** What is said of it: whether it would be done, what goes on to block, who is asked, who may. */
export function foretold(strategy: string, found: Foreseen): readonly Word[] {
  if (!found.does) return [{ tone: "bad", mark: "✗", text: `Nothing would be done: ${found.reason ?? ""}.` }, ...mayNot(found)];
  return [{ tone: "good", mark: "✓", text: [what(strategy, found), otherwise(found), after(strategy, found)].filter(Boolean).join(" ") }, ...asked(found), ...mayNot(found)];
}

function what(strategy: string, { conflict, cleared = [] }: Foreseen): string {
  if (strategy === "waive") return `${conflict} would stay open and block nothing.`;
  if (strategy === "escalate") return "An alert would lie in the inbox until somebody takes it in hand.";
  if (cleared.length === 0) return `It would be applied; whether ${conflict} is gone then only the package resolver can say.`;
  return `It would clear ${listed(cleared)}.`;
}

function otherwise({ otherwise: left = [] }: Foreseen): string {
  return left.length ? `${listed(left)} would stay, with other parties or ways out.` : "";
}

function after(strategy: string, { blocking = [] }: Foreseen): string {
  if (strategy === "escalate") return "";
  return blocking.length ? `${listed(blocking)} would still block the project.` : "Nothing would block the project.";
}

function asked({ asked: owners = [] }: Foreseen): Word[] {
  return owners.length ? [{ tone: "warn", mark: "?", text: `${listed(owners)} would be asked first.` }] : [];
}

function mayNot({ allowed, deciding = [] }: Foreseen): Word[] {
  if (allowed !== false) return [];
  const who = deciding.length ? `${listed(deciding, "or")} may` : "who governs the project may";
  return [{ tone: "bad", mark: "✗", text: `It is not yours to decide: ${who}.` }];
}
