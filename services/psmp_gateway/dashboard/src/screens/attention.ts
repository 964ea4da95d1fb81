// Which project needs somebody first. Pure.
import type { Phase, ProjectLine } from "../api/words";

const RANK: Record<Phase, number> = {
  BLOCKED: 0,
  RESOLVING: 1,
  IN_PROGRESS: 3,
  PLANNING: 4,
  INITIALIZED: 5,
  COMPLETED: 6,
  ARCHIVED: 7,
};

/** Blocked ones first, longest first; then those with conflicts that block nothing; then by state and name. */
export function byAttention(one: ProjectLine, other: ProjectLine): number {
  return (
    rank(one) - rank(other) ||
    (rank(one) < 3 ? one.since.localeCompare(other.since) : 0) ||
    one.project.localeCompare(other.project)
  );
}

export function needsAttention(line: ProjectLine): boolean {
  return rank(line) < 3;
}

function rank(line: ProjectLine): number {
  const found = RANK[line.state];
  return found > 2 && found < 7 && line.conflicts > 0 ? 2 : found;
}
