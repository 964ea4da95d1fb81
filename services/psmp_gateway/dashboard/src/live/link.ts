// What is known of the link to the log: whether this page shows what is, and how far it is behind. Pure.

export interface Link {
  /** `closed`: nobody is signed in. `opening`: never connected yet. `live`. `waiting`: lost, and tried again. */
  readonly state: "closed" | "opening" | "live" | "waiting";
  /** The position of the log up to which nothing was left out; null before the first. */
  readonly position: number | null;
  /** Positions of the log behind that one. */
  readonly behind: number;
  /** Why the gateway itself may be stale. */
  readonly trouble: string;
  /** How often it was tried in vain since it was lost. */
  readonly attempts: number;
  /** When it was lost (milliseconds), null while it is live. */
  readonly since: number | null;
  /** When it is tried next (milliseconds), while waiting. */
  readonly again: number | null;
  /** Milliseconds that the newest event took from its decision to this page. */
  readonly delay: number | null;
  readonly why: string;
}

export type Happening =
  | { kind: "open" }
  | { kind: "beat"; position: number; behind: number; trouble: string }
  | { kind: "event"; position: number; delay: number | null }
  | { kind: "resync" }
  | { kind: "lost"; now: number; again: number; why: string }
  | { kind: "retry" }
  | { kind: "close" };

export const CLOSED: Link = {
  state: "closed",
  position: null,
  behind: 0,
  trouble: "",
  attempts: 0,
  since: null,
  again: null,
  delay: null,
  why: "",
};

const CONNECTED = { state: "live", attempts: 0, since: null, again: null, why: "" } as const;

export function next(link: Link, happening: Happening): Link {
  switch (happening.kind) {
    case "open":
      return { ...CLOSED, state: "opening" };
    case "beat": {
      const { position, behind, trouble } = happening;
      return { ...link, ...CONNECTED, position, behind, trouble };
    }
    case "event": {
      const behind = Math.max(0, link.behind - Math.max(0, happening.position - (link.position ?? happening.position)));
      return { ...link, ...CONNECTED, position: happening.position, behind, delay: happening.delay ?? link.delay };
    }
    case "resync":
      return { ...link, position: null, behind: 0 };
    case "lost":
      return {
        ...link,
        state: "waiting",
        attempts: link.attempts + 1,
        since: link.since ?? happening.now,
        again: happening.again,
        why: happening.why,
      };
    case "retry":
      return { ...link, again: null };
    case "close":
      return CLOSED;
  }
}

const FIRST = 250;
const LONGEST = 4000;

/** Milliseconds to wait before the attempt of that number (from 1); `chance` in [0, 1) spreads those who wait. */
export function pause(attempt: number, chance: number): number {
  const most = Math.min(LONGEST, FIRST * 2 ** (attempt - 1));
  return Math.round(most / 2 + (most / 2) * chance);
}
