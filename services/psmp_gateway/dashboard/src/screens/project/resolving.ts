// Sending a resolution: what is asked, in whose name, as of which event; and what came of it.
import { useState } from "react";
import { type Body, type Outcome, Problem, post, unreachable } from "../../api/client";
import { store } from "../../live/store";

const PATH = "/api/v1/governance/conflicts/{conflict}/resolve";

export type Asked = Body<typeof PATH>;
export type Came = Outcome<typeof PATH>;

export interface Resolving {
  state: "idle" | "busy" | "done" | "refused";
  came: Came | null;
  problem: Problem | null;
  send: (asked: Asked, as: string) => Promise<boolean>;
  reset: () => void;
}

/** `as` is the agent to speak as; only an admin's key may name another than its own, which is "". */
export function useResolving(project: string, conflict: string): Resolving {
  const [{ state, came, problem }, set] = useState<Pick<Resolving, "state" | "came" | "problem">>({ state: "idle", came: null, problem: null });
  async function send(asked: Asked, as: string): Promise<boolean> {
    set({ state: "busy", came: null, problem: null });
    try {
      const headers: Record<string, string> = as ? { "Psmp-Agent": as } : {};
      const answer = await post(PATH, { path: { conflict }, query: { project }, headers }, asked);
      set({ state: "done", came: answer, problem: null });
      return true;
    } catch (error) {
      set({ state: "refused", came: null, problem: error instanceof Problem ? error : unreachable(String(error)) });
      return false;
    } finally {
      store.anew();
    }
  }
  return { state, came, problem, send, reset: () => set({ state: "idle", came: null, problem: null }) };
}

/** What came of it, in words. */
export function outcomeWords(came: Came): string {
  if (!("event" in came)) return "It is stored and will be decided; this page shows what comes of it.";
  const event = came.event as { type?: string; data?: Record<string, unknown> };
  const kind = /^psmp\.(.+)\.v\d+$/.exec(event.type ?? "")?.[1] ?? "";
  const data = event.data ?? {};
  const id = String(data["resolution"] ?? "");
  const cleared = Array.isArray(data["cleared"]) && data["cleared"].length ? ` ${data["cleared"].join(", ")} cleared.` : "";
  switch (kind) {
    case "resolution.applied":
      return `${id} is applied, as event ${came.sequence}.${cleared}`;
    case "resolution.proposed":
      return `${id} is proposed to the owners of what it changes, as event ${came.sequence}.`;
    case "resolution.failed":
      return `${id} came to nothing, as event ${came.sequence}: ${String(data["reason"] ?? "")}`;
    default:
      return `Recorded as event ${came.sequence} (${kind}).`;
  }
}
