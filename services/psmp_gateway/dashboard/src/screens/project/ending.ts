// How the last attempt at a conflict ended, as far as the newest events tell it. Pure.
import type { LogEvent } from "../../live/event";
import { unsealed } from "../../live/sealed";

export interface Ending {
  resolution: string;
  /** Whether an owner said no, or nothing in time. */
  isRefused: boolean;
  reason: string;
}

/** Null where the last that is known of it is not that it came to nothing. */
export function ending(events: readonly LogEvent[], project: string, conflict: string): Ending | null {
  const last = events.findLast((each) => each.project === project && /^resolution\./.test(each.kind) && each.stored.data["conflict"] === conflict);
  if (last === undefined || (last.kind !== "resolution.refused" && last.kind !== "resolution.failed")) return null;
  const { resolution, reason } = unsealed(last.stored.data, {});
  return { resolution: String(resolution), isRefused: last.kind === "resolution.refused", reason: String(reason).replace(/[.!]+$/, "") };
}
