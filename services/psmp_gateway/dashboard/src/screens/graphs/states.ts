// What the states of nodes and of whole graphs are called, and by which mark and tone they are known. Pure.
import type { Awaited, Graph, GraphNode, NodeState } from "../../live/graphs";

export type Tone = "bad" | "warn" | "good" | "quiet" | "info";
/** How the outline of a node is drawn. */
export type Outline = "dotted" | "plain" | "heavy" | "double";

export interface Look {
  word: string;
  mark: string;
  tone: Tone;
  outline: Outline;
}

export const LOOKS: Record<NodeState, Look> = {
  NOT_ISSUED: { word: "not issued", mark: "·", tone: "quiet", outline: "dotted" },
  WAITING: { word: "waiting", mark: "◌", tone: "quiet", outline: "dotted" },
  ISSUED: { word: "issued", mark: "○", tone: "quiet", outline: "dotted" },
  DISPATCHED: { word: "dispatched", mark: "➤", tone: "info", outline: "heavy" },
  EXECUTING: { word: "executing", mark: "▶", tone: "info", outline: "heavy" },
  BER_PENDING: { word: "in review", mark: "◆", tone: "warn", outline: "heavy" },
  PDO_PENDING: { word: "being closed", mark: "◈", tone: "warn", outline: "heavy" },
  COMPLETE: { word: "complete", mark: "✓", tone: "good", outline: "plain" },
  PASSED: { word: "passed", mark: "✓", tone: "good", outline: "plain" },
  FAILED: { word: "failed", mark: "✗", tone: "bad", outline: "double" },
};

export const KINDS: Record<GraphNode["kind"], string> = {
  ORCH_ROOT: "root",
  AGENT_NODE: "agent",
  SYNC_POINT: "sync point",
  AGGREGATION: "aggregation",
  TERMINAL: "end",
};

export const OUTCOMES: Record<Graph["state"], Pick<Look, "word" | "mark" | "tone">> = {
  OPEN: { word: "open", mark: "▶", tone: "info" },
  AGGREGATED: { word: "aggregated", mark: "◈", tone: "warn" },
  SETTLED: { word: "settled", mark: "✓", tone: "good" },
  ABANDONED: { word: "given up", mark: "▽", tone: "quiet" },
};

export function isDone(state: NodeState): boolean {
  return state === "COMPLETE" || state === "PASSED";
}

/** Millionths as an amount: two places, more where it is small. */
export function amount(micros: number): string {
  if (micros === 0) return "";
  const whole = micros / 1_000_000;
  return whole >= 0.01 ? whole.toFixed(2) : whole.toPrecision(1);
}

/** Which attempt it is, of those after which it has failed; when it is corrected, or its inputs change, there are more. */
export function attempt({ attempt: number = 0, attempts = 0 }: GraphNode): string {
  if (number === 0) return "";
  return number > attempts ? String(number) : `${number} of ${attempts}`;
}

/** What a node waits for, or what is done at it, in a few words. */
export function waiting({ state, waits_for: before = [], review, token }: GraphNode): string {
  if (before.length > 0) return before.length > 3 ? `${before.slice(0, 2).join(", ")} and ${before.length - 2} more` : before.join(", ");
  if (state === "DISPATCHED" && token) return "its agent to begin";
  if (review?.waits_for?.length) return `the word of a ${review.waits_for.join(", a ")}`;
  return "";
}

/** What a person is asked for, as a sentence. */
export function asking({ what, node, role }: Awaited): string {
  if (what === "failed") return `${node} has failed too often: somebody has to say what becomes of it.`;
  return what === "review" ? `The result of ${node} waits for the word of a ${role}.` : `The whole is done, and a ${role} has yet to agree to it.`;
}
