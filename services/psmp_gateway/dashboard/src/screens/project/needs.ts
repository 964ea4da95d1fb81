// All that a project needs, as rows of who needs what and why. Pure.
import type { Artifact, Dependency, Status } from "../../api/words";

export interface Need {
  key: string;
  ecosystem: string;
  name: string;
  constraint: string;
  scope: string;
  marker: string | null;
  extras: readonly string[];
  reference: string | null;
  purpose: string;
  location: string | null;
  agent: string;
  artifact: string;
  version: number;
  /** The event that said so. */
  sequence: number;
  /** The open conflict that it is party to. */
  conflict: string | null;
  /** How many declarations need the package. */
  shared: number;
}

export function needs(status: Status): readonly Need[] {
  const standing = status.artifacts.filter((each) => each.status !== "ARCHIVED");
  const found = standing.flatMap((artifact) => artifact.dependencies.map((need, place) => rowOf(status, artifact, need, place)));
  const users = new Map<string, Set<string>>();
  for (const need of found) {
    const key = packageOf(need);
    users.set(key, (users.get(key) ?? new Set()).add(need.artifact));
  }
  return found
    .map((need) => ({ ...need, shared: users.get(packageOf(need))!.size }))
    .sort((one, other) => packageOf(one).localeCompare(packageOf(other)) || one.artifact.localeCompare(other.artifact));
}

export function canonical(name: string, ecosystem: string): string {
  return ecosystem === "pypi" ? name.toLowerCase().replace(/[-_.]+/g, "-") : name;
}

function packageOf(need: Pick<Need, "name" | "ecosystem">): string {
  return `${canonical(need.name, need.ecosystem)} ${need.ecosystem}`;
}

function rowOf(status: Status, artifact: Artifact, need: Dependency, place: number): Need {
  const ecosystem = need.ecosystem ?? "pypi";
  const name = canonical(need.name, ecosystem);
  const conflict = status.conflicts.find(
    (each) =>
      (each.ecosystem ?? "pypi") === ecosystem &&
      canonical(each.subject, ecosystem) === name &&
      each.parties.some((party) => party.artifact === artifact.artifact),
  );
  return {
    key: `${artifact.artifact}/${place}`,
    ecosystem,
    name: need.name,
    constraint: need.constraint ?? "",
    scope: need.scope ?? "runtime",
    marker: need.marker ?? null,
    extras: need.extras ?? [],
    reference: need.reference ?? null,
    purpose: need.purpose ?? "",
    location: need.location ?? null,
    agent: artifact.agent,
    artifact: artifact.artifact,
    version: artifact.version,
    sequence: artifact.sequence,
    conflict: conflict?.id ?? null,
    shared: 0,
  };
}

/** The rows that are wanted: of a scope, of an ecosystem, clashing ones alone, with a text in any of their fields. */
export function wanted(rows: readonly Need[], by: { text: string; scope: string; ecosystem: string; clashing: boolean }): readonly Need[] {
  const text = by.text.trim().toLowerCase();
  return rows.filter(
    (each) =>
      (!by.scope || each.scope === by.scope) &&
      (!by.ecosystem || each.ecosystem === by.ecosystem) &&
      (!by.clashing || each.conflict !== null) &&
      (!text || [each.name, each.constraint, each.agent, each.artifact, each.purpose, each.location ?? ""].some((field) => field.toLowerCase().includes(text))),
  );
}
