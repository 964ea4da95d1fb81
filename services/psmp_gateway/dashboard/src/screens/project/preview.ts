// What a suggestion changes, as before and after. Pure.
import type { Artifact, Change, Conflict, Status } from "../../api/words";

export interface Step {
  artifact: string;
  agent: string;
  /** What is changed: a package, Python, the environment, a claim on a path. */
  what: string;
  before: string;
  after: string;
  /** Where it is written, if that is known. */
  location: string | null;
}

/** The steps of a suggestion; what is before is what the artifacts say now. */
export function steps(status: Status, conflict: Conflict, changes: readonly Change[]): readonly Step[] {
  const artifacts = new Map(status.artifacts.map((each) => [each.artifact, each]));
  return changes.flatMap((change) => of(artifacts.get(change.artifact), conflict, change));
}

function of(artifact: Artifact | undefined, conflict: Conflict, change: Change): Step[] {
  const { artifact: name, agent } = change;
  switch (change.action ?? "require") {
    case "isolate":
      return [{ artifact: name, agent, what: "environment", before: artifact?.environment ?? "shared", after: change.environment ?? name, location: null }];
    case "python":
      return [{ artifact: name, agent, what: "Python", before: artifact?.requires_python || "any", after: change.constraint || "any", location: null }];
    case "release": {
      const claim = artifact?.paths?.find((each) => each.path === change.name);
      return [{ artifact: name, agent, what: change.name, before: claim ? (claim.mode ?? "write") : "claimed", after: "not claimed", location: null }];
    }
    default:
      return required(artifact, conflict, change);
  }
}

function required(artifact: Artifact | undefined, conflict: Conflict, change: Change): Step[] {
  const after = change.reference ?? (change.constraint || "any");
  const needs = (artifact?.dependencies ?? []).filter(
    (each) =>
      named(each.name) === named(change.name) &&
      (each.ecosystem ?? "pypi") === (conflict.ecosystem ?? "pypi") &&
      (change.scope == null || (each.scope ?? "runtime") === change.scope) &&
      (change.marker == null || each.marker === change.marker),
  );
  const step = { artifact: change.artifact, agent: change.agent, what: change.name, after };
  if (needs.length === 0) return [{ ...step, before: "nothing", location: null }];
  return needs.map((each) => ({ ...step, before: each.reference ?? (each.constraint || "any"), location: each.location ?? null }));
}

function named(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}
