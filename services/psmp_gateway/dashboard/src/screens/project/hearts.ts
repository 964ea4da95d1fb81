// Who was heard when, and how long a slot still holds by that: the silent first. Pure.
import type { Slot } from "../../api/words";
import type { Agent } from "../../live/record";

/** `late`: more than half of the lease is over. `never`: no heartbeat of the last day; `left`: it said that it goes. */
export type Beat = "silent" | "late" | "alive" | "left" | "never";

export interface Pulse {
  agent: Agent;
  beat: Beat;
  /** Milliseconds since its last heartbeat; null where there was none. */
  since: number | null;
  /** Milliseconds that its lease still lasts, less than none when it is over; null for who holds no slot. */
  lease: number | null;
}

const RANK: Record<Beat, number> = { silent: 0, late: 1, alive: 2, never: 4, left: 3 };

/** `present` is what time the gateway has; `leaseSeconds` is the lease that the project's policy gives. */
export function pulses(agents: readonly Agent[], leaseSeconds: number, present: number): readonly Pulse[] {
  return agents.map((agent) => pulseOf(agent, leaseSeconds, present)).sort(bySilence);
}

function pulseOf(agent: Agent, leaseSeconds: number, present: number): Pulse {
  const heard = agent.heard ? Date.parse(agent.heard) : null;
  const since = heard === null ? null : Math.max(0, present - heard);
  const lease = leaseOf(agent.running ?? [], heard, present);
  return { agent, since, lease, beat: beatOf(agent, since, lease, leaseSeconds * 1000) };
}

/** A slot holds for its lease after the last heartbeat, or after it was granted, which counts as one. */
function leaseOf(slots: readonly Slot[], heard: number | null, present: number): number | null {
  const ends = slots.map((slot) => Math.max(Date.parse(slot.since), heard ?? 0) + slot.lease_seconds * 1000 - present);
  return ends.length ? Math.min(...ends) : null;
}

function beatOf(agent: Agent, since: number | null, lease: number | null, allowed: number): Beat {
  if (agent.silent || (lease !== null && lease <= 0)) return "silent";
  if (lease !== null) return lease < allowed / 2 ? "late" : "alive";
  if (agent.leaving) return "left";
  if (since === null) return "never";
  return since > allowed ? "left" : "alive";
}

function bySilence(one: Pulse, other: Pulse): number {
  const runs = (pulse: Pulse) => (pulse.lease === null ? 1 : 0);
  return RANK[one.beat] - RANK[other.beat] || runs(one) - runs(other) || (other.since ?? -1) - (one.since ?? -1) || one.agent.agent.localeCompare(other.agent.agent);
}
