// Changes as somebody fills them in: what can be changed about a conflict, and the change that is sent. Pure.
import type { Artifact, Change, Conflict, Resolution, Status } from "../../api/words";

export type Action = "require" | "isolate" | "python" | "release";

/** A change as it is filled in. */
export interface Wish {
  artifact: string;
  action: Action;
  /** The package or the path. */
  name: string;
  /** Versions, a reference behind `@`, or an environment. */
  value: string;
}

export const ACTIONS: Record<Action, string> = {
  require: "other versions of a package",
  isolate: "an environment of its own",
  python: "other versions of Python",
  release: "no claim on a path",
};

/** What can help against a conflict of that kind, the likeliest first. */
export function actionsFor(kind: Conflict["kind"]): readonly Action[] {
  if (kind === "path") return ["release"];
  if (kind === "python") return ["python", "isolate", "require"];
  return ["require", "isolate", "python"];
}

/** Whose artifacts can be changed: the parties of the conflict first, then all that stands. */
export function artifactsFor(status: Status, conflict: Conflict): readonly Artifact[] {
  const parties = new Set(conflict.parties.map((each) => each.artifact));
  const standing = status.artifacts.filter((each) => each.status !== "ARCHIVED");
  return [...standing.filter((each) => parties.has(each.artifact)), ...standing.filter((each) => !parties.has(each.artifact))];
}

/** The packages or paths of an artifact that an action can be about. */
export function namesFor(artifact: Artifact | undefined, action: Action): readonly string[] {
  if (action === "require") return [...new Set((artifact?.dependencies ?? []).map((each) => each.name))];
  return action === "release" ? (artifact?.paths ?? []).map((each) => each.path) : [];
}

/** The wish with which a form begins, or that follows when its artifact or its action is another: as it stands now. */
export function begun(status: Status, conflict: Conflict, artifact?: string, action?: Action): Wish {
  const found = artifactsFor(status, conflict).find((each) => artifact === undefined || each.artifact === artifact);
  const wanted = action ?? actionsFor(conflict.kind)[0]!;
  const names = namesFor(found, wanted);
  const name = names.find((each) => same(each, conflict.subject)) ?? names[0] ?? "";
  return { artifact: found?.artifact ?? "", action: wanted, name, value: now(found, wanted, name) };
}

/** What an artifact says of it now. */
export function now(artifact: Artifact | undefined, action: Action, name: string): string {
  if (action === "isolate") return artifact?.environment ?? artifact?.artifact ?? "";
  if (action === "python") return artifact?.requires_python ?? "";
  const need = action === "require" ? artifact?.dependencies.find((each) => each.name === name) : undefined;
  return need?.reference ? `@ ${need.reference}` : (need?.constraint ?? "");
}

/** The change that is sent. */
export function changeOf(status: Status, wish: Wish): Change {
  const agent = status.artifacts.find((each) => each.artifact === wish.artifact)?.agent ?? "";
  const value = wish.value.trim();
  const about = { artifact: wish.artifact, agent, action: wish.action };
  switch (wish.action) {
    case "isolate":
      return { ...about, name: wish.artifact, constraint: "", environment: value };
    case "python":
      return { ...about, name: "python", constraint: value };
    case "release":
      return { ...about, name: wish.name, constraint: "" };
    case "require":
      return value.startsWith("@")
        ? { ...about, name: wish.name, constraint: "", reference: value.slice(1).trim() }
        : { ...about, name: wish.name, constraint: value };
  }
}

/** What a proposal would change when an owner wants other changes of what is its own: what is others' stays. */
export function instead(resolution: Resolution, owner: string, changes: readonly Change[]): readonly Change[] {
  return [...(resolution.changes ?? []).filter((each) => each.agent !== owner), ...changes];
}

/** Whether it says enough to be sent. */
export function isWhole({ artifact, action, name, value }: Wish): boolean {
  if (artifact === "") return false;
  return action === "isolate" ? value.trim() !== "" : action === "python" || name !== "";
}

/** Whether it says something else than what stands. */
export function isOther(status: Status, { artifact, action, name, value }: Wish): boolean {
  const found = status.artifacts.find((each) => each.artifact === artifact);
  if (action === "release") return true;
  return action === "isolate" ? value.trim() !== (found?.environment ?? "") : value.trim() !== now(found, action, name);
}

function same(one: string, other: string): boolean {
  const plain = (name: string) => name.toLowerCase().replace(/[-_.]+/g, "-");
  return plain(one) === plain(other);
}
