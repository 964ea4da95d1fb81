// What a project is called, must run in and how it is governed: the fields, what they mean, and what is to be otherwise. Pure.
import type { Policy, PolicyChange, ProjectChange, Status, Target } from "../../api/words";

export interface PolicyField {
  readonly name: keyof Policy;
  readonly kind: "flag" | "number" | "seconds" | "agents";
  readonly title: string;
  readonly about: string;
  /** What holds where the policy says nothing. */
  readonly usual: boolean | number | readonly string[];
  readonly most?: number;
}

const DAY = 86_400;
const YEAR = 365 * DAY;

export const POLICY: readonly PolicyField[] = [
  { name: "strict_mode", kind: "flag", title: "Any conflict blocks", about: "Else only critical ones stop the work.", usual: true },
  { name: "auto_resolve", kind: "flag", title: "Resolve by itself", about: "The resolver changes what is flexible, and asks the owners about the rest.", usual: false },
  { name: "fenced", kind: "flag", title: "Declare with a slot alone", about: "Whoever declares must hold a slot, and name its fence.", usual: false },
  { name: "resolvers", kind: "agents", title: "Resolvers", about: "They govern the project, besides whoever made it, and are asked about its conflicts.", usual: [] },
  { name: "privileged", kind: "agents", title: "Privileged agents", about: "Conflicts with them that are not high are resolved at once. A privileged key alone may name any.", usual: [] },
  { name: "max_concurrent_agents", kind: "number", title: "Agents at a time", about: "So many slots there are; who comes later waits.", usual: 5, most: 1000 },
  { name: "slots_per_agent", kind: "number", title: "Slots of one agent", about: "So many one agent may hold at a time.", usual: 1, most: 1000 },
  { name: "lease_seconds", kind: "seconds", title: "Lease", about: "A slot is lost so long after the last heartbeat.", usual: 90, most: DAY },
  { name: "term_seconds", kind: "seconds", title: "Term", about: "A slot ends after so long, unless it is renewed, however alive its agent is.", usual: 3600, most: YEAR },
  { name: "wait_seconds", kind: "seconds", title: "Longest wait", about: "So long an agent may wait for a slot.", usual: 3600, most: DAY },
  { name: "answer_seconds", kind: "seconds", title: "Time to answer", about: "So long an owner has to agree to a change of what is its own.", usual: 300, most: DAY },
  { name: "stall_seconds", kind: "seconds", title: "Stalled after", about: "A project that does not get on for so long is reported, and helped.", usual: 3600, most: YEAR },
];

export type Governed = Pick<Status, "name" | "targets" | "policy">;

/** As it is filled in. A flag is true or false, anything else a text. */
export interface Form {
  readonly name: string;
  readonly targets: readonly Target[];
  readonly policy: Readonly<Record<string, boolean | string>>;
}

export function formOf({ name, targets, policy }: Governed): Form {
  return { name, targets, policy: Object.fromEntries(POLICY.map((field) => [field.name, filled(policy, field)])) };
}

function filled(policy: Policy, { name, kind, usual }: PolicyField): boolean | string {
  const said = policy[name] ?? usual;
  if (kind === "flag") return said === true;
  return Array.isArray(said) ? said.join(", ") : String(said);
}

/** What is to be otherwise, without the reason; null where nothing is. */
export function changeOf(seen: Governed, form: Form): Omit<ProjectChange, "reason"> | null {
  const was = formOf(seen);
  const change: Omit<ProjectChange, "reason"> = {};
  if (form.name.trim() !== was.name) change.name = form.name.trim();
  if (named(form.targets) !== named(was.targets)) change.targets = [...form.targets];
  const policy: Record<string, boolean | number | string[]> = {};
  for (const { name, kind } of POLICY) {
    const [before, after] = [was.policy[name]!, form.policy[name]!];
    if (kind === "flag" ? before !== after : spelled(before) !== spelled(after)) policy[name] = valueOf(kind, after);
  }
  if (Object.keys(policy).length) change.policy = policy as PolicyChange;
  return Object.keys(change).length ? change : null;
}

function valueOf(kind: PolicyField["kind"], said: boolean | string): boolean | number | string[] {
  if (typeof said === "boolean") return said;
  return kind === "agents" ? agents(said) : Number(said);
}

function agents(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))];
}

function spelled(said: boolean | string): string {
  return typeof said === "boolean" ? (said ? "yes" : "no") : agents(said).join(", ");
}

export interface Other {
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

/** What is otherwise in the one than in the other, as a person reads it. */
export function others(before: Form, after: Form): readonly Other[] {
  const told = (form: Form) => [["Name", form.name.trim()], ["Runs in", named(form.targets)], ...POLICY.map(({ name, title }) => [title, spelled(form.policy[name]!)])] as [string, string][];
  const now = new Map(told(after));
  return told(before).flatMap(([what, was]) => (now.get(what) === was ? [] : [{ what, before: was || "nothing", after: now.get(what) || "nothing" }]));
}

/** What somebody has filled in, over what is there now: what was not touched is as it is there. */
export function rebased(was: Form, form: Form, now: Form): Form {
  const own = Object.fromEntries(Object.entries(form.policy).filter(([name, value]) => value !== was.policy[name]));
  return {
    name: form.name === was.name ? now.name : form.name,
    targets: named(form.targets) === named(was.targets) ? now.targets : form.targets,
    policy: { ...now.policy, ...own },
  };
}

/** A target as one names it: `python3.11-linux`. */
export function nameOf({ python = "3.11", platform = "linux", machine }: Target): string {
  return [`python${python}`, platform, machine].filter(Boolean).join("-");
}

export function named(targets: readonly Target[]): string {
  return targets.map(nameOf).join(", ");
}

/** Whether everything that stands declared is judged anew with it. */
export function judgesAnew(change: Omit<ProjectChange, "reason"> | null): boolean {
  return change?.targets !== undefined && change.targets !== null;
}
