// Written by `python -m tests.typings` from docs/openapi.json: do not change it by hand.

import type { Event } from "./contract.js";

/** The agents of a project by id, as of `sequence`. */
export interface AgentList {
  items: AgentState[];
  sequence: number;
}

/** An agent of a project: what it has made, whether it runs, waits, or has fallen silent. */
export interface AgentState {
  agent: string;
  artifacts: string[];
  running: SlotStatus[];
  waiting: WaitingStatus[];
  silent: boolean;
  conflicts: string[];
}

/** One open alert in a list, and the project that it is about. */
export interface AlertLine {
  alert: string;
  severity: Severity;
  text: string;
  hint: string;
  person: boolean;
  since: string;
  conflict?: string;
  taken?: string;
  project: string;
}

/** Open alerts, oldest first. */
export interface AlertPage {
  items: AlertLine[];
  /** Give it as `cursor` for the next page; there is none without. */
  next_cursor?: string;
  /** How many events this list has not taken in yet. */
  behind: number;
}

/** An open alert; it lies in the inbox while it is for a `person` and nobody has `taken` it in hand. */
export interface AlertStatus {
  alert: string;
  severity: Severity;
  text: string;
  hint: string;
  person: boolean;
  since: string;
  conflict?: string;
  taken?: string;
}

/**
 * Replace parts of an artifact's declaration; what is left out stays as it was. An empty `requires_python` asks for
 * nothing any more, an empty `environment` is the shared one.
 */
export interface Amendment {
  summary?: string;
  dependencies?: readonly DependencyInput[];
  paths?: readonly PathClaimInput[];
  metadata?: { [name: string]: unknown };
  reason?: string;
  requires_python?: string;
  environment?: string | "";
  flexible?: boolean;
  fence?: number;
}

/**
 * An owner's answer to a proposal that changes what is its own. With `amend` it says in `changes` (of its own
 * artifacts) what it would change instead.
 */
export interface Answer {
  answer: "yes" | "no" | "amend";
  changes?: readonly Change[];
  reason?: string;
}

/** Artifacts of a project by id, as of `sequence`. */
export interface ArtifactPage {
  items: ArtifactStatus[];
  sequence: number;
  /** Give it as `cursor` for the next page; there is none without. */
  next_cursor?: string;
}

/** One artifact: DRAFT while judged or in conflict, ACTIVE, or ARCHIVED when withdrawn. */
export interface ArtifactStatus {
  artifact: string;
  agent: string;
  type: "code" | "config" | "model" | "data" | "plan" | "analysis";
  version: number;
  status: string;
  summary: string;
  dependencies: Dependency[];
  paths: PathClaim[];
  sequence: number;
  time: string;
  requires_python?: string;
  environment?: string;
  metadata: { [name: string]: unknown };
  flexible?: boolean;
}

/** Why something is done. */
export interface Because {
  reason: string;
}

/** What blocks a project, since when, and whom it keeps from working. */
export interface BlockedProject {
  project: string;
  name: string;
  state: Phase;
  since: string;
  sequence: number;
  blockers: Blocker[];
  running: string[];
  waiting: string[];
}

/** A conflict that blocks, what can be done about it, and whom that waits for. */
export interface Blocker {
  project: string;
  state: "open" | "resolving" | "waived";
  blocking: boolean;
  /** The event that made it what it is. */
  sequence?: number;
  conflict: Conflict;
  resolution?: ResolutionStatus;
  waiver?: WaiverStatus;
  hint: string;
  steps: Step[];
  waits_for: string[];
}

/** Every blocked project with the ways out. */
export interface BlockingReport {
  items: BlockedProject[];
  /** Give it as `cursor` for the next page; there is none without. */
  next_cursor?: string;
  /** How many events this list has not taken in yet. */
  behind: number;
}

/**
 * One step of a suggestion, ready to be applied to `artifact`; what it does is its `action`. `require` (also when
 * None): every need of package `name` gets `constraint`, or `reference` where given; only the one of that `scope`
 * and `marker` where these are given. `isolate`: the artifact moves to the named `environment`. `python`: its
 * `requires_python` becomes `constraint`. `release`: it gives up its claim on path `name`.
 */
export interface Change {
  artifact: string;
  agent: string;
  name: string;
  constraint: string;
  action?: "require" | "isolate" | "python" | "release";
  scope?: "runtime" | "dev" | "build";
  marker?: string;
  reference?: string;
  environment?: string;
}

/**
 * How far the resolver is with all that stood declared at event `sequence`: question `at` of `of`. `place` is the
 * environment that is asked about, or for ways out the package; `asked` how many runs of the resolver were begun,
 * `seconds` how long it takes already. `ended` is said last, however it ended.
 */
export interface CheckProgress {
  sequence: number;
  doing: "solving" | "finding causes" | "finding ways out";
  at: number;
  of: number;
  place: string;
  asked: number;
  seconds: number;
  ended: boolean;
}

/**
 * Declarations that cannot stand together, with the proof. `subject` is the package (of `ecosystem`), `python`, or
 * the path that they clash on; `scope` the scope in which: `dev` means runtime and dev installed together. Both are
 * None for paths. `environments` are the targets in which it exists; `environment` the named one of the artifacts,
 * where they are not in the shared one. `causes` are the minimal clashing sets, each as sorted artifact ids;
 * `complete` is false when some were cut. `chain` leads, for `transitive` ones, from the declarations through
 * packages to the clash.
 */
export interface Conflict {
  id: string;
  kind: "version" | "python" | "reference" | "path" | "transitive" | "no-version";
  ecosystem?: "pypi" | "npm";
  subject: string;
  scope?: "runtime" | "dev" | "build";
  severity: Severity;
  environments: string[];
  causes: string[][];
  parties: Party[];
  text: string;
  suggestions: Suggestion[];
  complete: boolean;
  environment?: string;
  chain?: string[];
}

/** Open conflicts, project by project. */
export interface ConflictPage {
  items: ConflictState[];
  /** Give it as `cursor` for the next page; there is none without. */
  next_cursor?: string;
  /** How many events this list has not taken in yet. */
  behind: number;
}

/** An open conflict of a project: `open` and nobody at it, `resolving`, or `waived`. */
export interface ConflictState {
  project: string;
  state: "open" | "resolving" | "waived";
  blocking: boolean;
  /** The event that made it what it is. */
  sequence?: number;
  conflict: Conflict;
  resolution?: ResolutionStatus;
  waiver?: WaiverStatus;
}

/**
 * Say what an artifact is, what it needs and what it touches. `requires_python` is a PEP 440 constraint on the
 * interpreter. `environment` names an environment of its own for what it needs, apart from the one that all others
 * share. `flexible`: others may change what it needs to clear a conflict, without asking. `fence` names the slot
 * that it was made under.
 */
export interface DeclareArtifact {
  artifact: string;
  type: "code" | "config" | "model" | "data" | "plan" | "analysis";
  summary?: string;
  dependencies?: readonly DependencyInput[];
  paths?: readonly PathClaimInput[];
  metadata?: { [name: string]: unknown };
  requires_python?: string;
  environment?: string;
  flexible?: boolean;
  fence?: number;
}

/**
 * What an artifact needs: a package and the versions of it that will do; "" is any. Constraints are PEP 440 for
 * `pypi` and node-semver ranges for `npm`. `reference` is a URL or a path that the package is taken from instead
 * (PEP 508 `name @ url`). It counts where `marker` (PEP 508) holds. `location` is the place that says so,
 * `pyproject.toml:12`.
 */
export interface Dependency {
  name: string;
  constraint: string;
  ecosystem: "pypi" | "npm";
  scope: "runtime" | "dev" | "build";
  extras: string[];
  marker?: string;
  purpose: string;
  reference?: string;
  location?: string;
}

/**
 * What an artifact needs: a package and the versions of it that will do; "" is any. Constraints are PEP 440 for
 * `pypi` and node-semver ranges for `npm`. `reference` is a URL or a path that the package is taken from instead
 * (PEP 508 `name @ url`). It counts where `marker` (PEP 508) holds. `location` is the place that says so,
 * `pyproject.toml:12`.
 */
export interface DependencyInput {
  name: string;
  constraint?: string;
  ecosystem?: "pypi" | "npm";
  scope?: "runtime" | "dev" | "build";
  extras?: readonly string[];
  marker?: string;
  purpose?: string;
  reference?: string;
  location?: string;
}

/** One thing that is wrong with a request: where (a JSON pointer, or the name of a parameter) and what. */
export interface Error {
  pointer: string;
  detail: string;
}

/** A page of a project's audit trail, in order. */
export interface EventPage {
  items: StoredEvent[];
  /** Give it as `cursor` for the next page; there is none without. */
  next_cursor?: string;
}

/**
 * Give the right to run back; refused when nothing was declared under it and no `failure` is told. `fence` says
 * which slot, if the agent holds several.
 */
export interface FinishSlot {
  failure?: string;
  fence?: number;
}

/** Wait for a slot no longer; `request` is the command that asked for it, if the agent waits for several. */
export interface LeaveQueue {
  request?: string;
}

/** Dead letters, oldest first. */
export interface LetterPage {
  items: LetterState[];
  /** Give it as `cursor` for the next page; there is none without. */
  next_cursor?: string;
}

/** A message that was given up, and what became of it. */
export interface LetterState {
  letter: number;
  project: string;
  service: string;
  state: "unseen" | "waiting" | "retried" | "dropped";
  reason: string;
  tries: number;
  time: string;
  subject: string;
  /** The message as text; what is no UTF-8 is replaced. */
  body: string;
}

/** What an agent may use of the machine while it runs; handed to whoever starts it. PSMP measures neither. */
export interface Limits {
  cpus?: number;
  memory_mb?: number;
}

/** A project to be created; without a name it is called as its id. */
export interface NewProject {
  name?: string;
  targets?: readonly TargetInput[];
  policy?: PolicyInput;
  project: string;
}

/** The event that settled a command. */
export interface Outcome {
  command_id: string;
  position: number;
  sequence: number;
  /** The event as it is stored: a CloudEvent, see the contract. */
  event: Event;
  /** The signed promise that this very event is in the log. */
  receipt?: string;
}

/** A part of the gateway. */
export interface Part {
  name: string;
  trouble: string;
}

/**
 * One declaration's part in a conflict: who needs what and why, and the `sequence` of the event that said so. For a
 * path, `constraint` says how it is touched. `location` is the file and line that the need comes from.
 */
export interface Party {
  artifact: string;
  version: number;
  agent: string;
  constraint: string;
  purpose: string;
  sequence: number;
  scope?: "runtime" | "dev" | "build";
  marker?: string;
  reference?: string;
  location?: string;
}

/** How a file came from an older `base` to the base of the claim that carries this: what changed on the way. */
export interface Passage {
  base: string;
  hunks: ([number, number, number] | [number, number, number, string, string])[];
}

/** How a file came from an older `base` to the base of the claim that carries this: what changed on the way. */
export interface PassageInput {
  base: string;
  hunks: readonly (readonly [number, number, number] | readonly [number, number, number, string, string])[];
}

/**
 * What an artifact touches: a file (or, ending in `/`, all of a folder), how, and where known which lines. Without
 * `ranges` it is the whole file. `ranges` are of the revision `base`. `passages` lead from older bases to this one,
 * so that claims on those can be compared with this one. What is deleted and lives on at another path says so in
 * `moved`, and in `ranges` which lines change on the way.
 */
export interface PathClaim {
  path: string;
  mode: "read" | "write" | "create" | "delete";
  base?: string;
  ranges?: ([number, number] | [number, number, string])[];
  passages?: Passage[];
  moved?: string;
}

/**
 * What an artifact touches: a file (or, ending in `/`, all of a folder), how, and where known which lines. Without
 * `ranges` it is the whole file. `ranges` are of the revision `base`. `passages` lead from older bases to this one,
 * so that claims on those can be compared with this one. What is deleted and lives on at another path says so in
 * `moved`, and in `ranges` which lines change on the way.
 */
export interface PathClaimInput {
  path: string;
  mode?: "read" | "write" | "create" | "delete";
  base?: string;
  ranges?: readonly (readonly [number, number] | readonly [number, number, string])[];
  passages?: readonly PassageInput[];
  moved?: string;
}

/** Where a project stands in its lifecycle. */
export type Phase = "INITIALIZED" | "PLANNING" | "IN_PROGRESS" | "BLOCKED" | "RESOLVING" | "COMPLETED" | "ARCHIVED";

/**
 * How a project is governed. `strict_mode` blocks on any conflict, else only critical ones block. A slot's lease is
 * `lease_seconds` from its last heartbeat. A project that stays in one working phase longer than `stall_seconds` is
 * reported as stalled. `auto_resolve` lets the resolver change what is flexible, and ask owners about the rest.
 * `resolvers` may resolve what is others', besides whoever made the project. Conflicts of low and medium severity
 * with a `privileged` agent among their parties are resolved at once. `fenced`: whoever declares must hold a slot
 * and name its fence.
 */
export interface Policy {
  strict_mode: boolean;
  auto_resolve: boolean;
  max_concurrent_agents: number;
  lease_seconds: number;
  stall_seconds: number;
  resolvers?: string[];
  privileged?: string[];
  slots_per_agent?: number;
  term_seconds?: number;
  wait_seconds?: number;
  answer_seconds?: number;
  fenced?: boolean;
}

/**
 * How a project is governed. `strict_mode` blocks on any conflict, else only critical ones block. A slot's lease is
 * `lease_seconds` from its last heartbeat. A project that stays in one working phase longer than `stall_seconds` is
 * reported as stalled. `auto_resolve` lets the resolver change what is flexible, and ask owners about the rest.
 * `resolvers` may resolve what is others', besides whoever made the project. Conflicts of low and medium severity
 * with a `privileged` agent among their parties are resolved at once. `fenced`: whoever declares must hold a slot
 * and name its fence.
 */
export interface PolicyInput {
  strict_mode?: boolean;
  auto_resolve?: boolean;
  max_concurrent_agents?: number;
  lease_seconds?: number;
  stall_seconds?: number;
  resolvers?: readonly string[];
  privileged?: readonly string[];
  slots_per_agent?: number;
  term_seconds?: number;
  wait_seconds?: number;
  answer_seconds?: number;
  fenced?: boolean;
}

/** What went wrong. `code` is stable, `detail` says why, `hint` what to do next. */
export interface Problem {
  /** A URN that ends in the code, for machines. */
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  hint: string;
  instance?: string;
  conflicts: string[];
  errors: Error[];
  retry_seconds?: number;
  sequence?: number;
  command_id?: string;
}

/** A code that a problem can have. */
export interface ProblemKind {
  code: string;
  status: number;
  title: string;
}

/** Every code that a problem can have. */
export interface ProblemKinds {
  items: ProblemKind[];
}

/** One project in a list, as of `sequence` of the projection. */
export interface ProjectLine {
  project: string;
  name: string;
  state: Phase;
  since: string;
  sequence: number;
  time: string;
  artifacts: number;
  conflicts: number;
}

/** Projects by id. */
export interface ProjectPage {
  items: ProjectLine[];
  /** Give it as `cursor` for the next page; there is none without. */
  next_cursor?: string;
  /** How many events this list has not taken in yet. */
  behind: number;
}

/** Ask for another term before the one that runs is over; `fence` says of which slot, if there are several. */
export interface RenewSlot {
  fence?: number;
}

/** Ask for the right to run. With `wait_seconds` the agent queues for so long when there is none just now. */
export interface RequestSlot {
  wait_seconds?: number;
  limits?: Limits;
}

/**
 * Resolve a conflict. `accept` takes `suggestion`, `change` the `changes` given, `merge` leaves the path to the
 * artifact `into`, which has everybody's change of it; `waive` lets the conflict stand for `seconds`; `escalate`
 * lays it before a person; `retry` asks the resolver to try (again). `seen` is the sequence at which the conflict
 * was looked at: when it has changed since, nothing is done.
 */
export interface Resolution {
  strategy: "accept" | "change" | "merge" | "waive" | "escalate" | "retry";
  reason: string;
  suggestion?: number;
  changes?: readonly Change[];
  into?: string;
  seconds?: number;
  seen?: number;
}

/** A resolution under way, `requested` or `proposed`; `unanswered` are the owners who have yet to answer. */
export interface ResolutionStatus {
  resolution: string;
  conflict: string;
  strategy: "accept" | "change" | "merge" | "waive" | "escalate" | "retry" | "auto";
  stage: "requested" | "proposed";
  by: string;
  reason: string;
  since: string;
  changes: Change[];
  agents: string[];
  unanswered: string[];
  seconds?: number;
}

/** A command that is stored and will be decided; nothing else is known of it yet. */
export interface Sent {
  command_id: string;
  /** Its place among the commands, where that is known. */
  position?: number;
  hint: string;
}

/** How much a conflict weighs; `critical` blocks in every mode. */
export type Severity = "low" | "medium" | "high" | "critical";

/** Who runs and who waits, in the order of the queue, as of `sequence`. */
export interface SlotList {
  items: SlotStatus[];
  waiting: WaitingStatus[];
  sequence: number;
}

/**
 * One agent that may run; `declared` says whether it has declared anything under this slot. It ends `term_seconds`
 * after `renewed`, if it has a term.
 */
export interface SlotStatus {
  agent: string;
  fence: number;
  since: string;
  lease_seconds: number;
  declared: boolean;
  renewed: string;
  term_seconds?: number;
  limits?: Limits;
}

/**
 * A project as of `sequence`: its state as every rule sees it, and the phase that is formally written. `told` has
 * the sequence at which each open conflict became what it is; `waiting` is in the order of the queue. The bodies of
 * events up to number `pruned` were pruned, and nothing that followed from them is known any more.
 */
export interface Status {
  tenant: string;
  project: string;
  name: string;
  state: Phase;
  phase: Phase;
  since: string;
  created: string;
  sequence: number;
  time: string;
  targets: Target[];
  policy: Policy;
  artifacts: ArtifactStatus[];
  conflicts: Conflict[];
  slots: SlotStatus[];
  silent: string[];
  transitive: Transitive;
  told: { [name: string]: number };
  waiting: WaitingStatus[];
  resolutions: ResolutionStatus[];
  waivers: WaiverStatus[];
  alerts: AlertStatus[];
  creator: string;
  pruned: number;
}

/** A way out, as a request that can be sent as it is. */
export interface Step {
  text: string;
  method: "POST";
  href: string;
  body: { [name: string]: unknown };
}

/** An event of the audit trail: where it is stored, and the RFC 6962 leaf hash of its exact bytes. */
export interface StoredEvent {
  position: number;
  leaf: string;
  /** The event as it is stored: a CloudEvent, see the contract. */
  event: Event;
}

/** A way out that the checker has verified; `n` is its stable number within the conflict. */
export interface Suggestion {
  n: number;
  changes: Change[];
  text: string;
}

/**
 * One environment that the project must run in: a Python series or one version of it, on a platform. Where
 * `machine` is not said, what depends on it is not known.
 */
export interface Target {
  python: string;
  platform: "linux" | "macos" | "windows";
  machine?: "x86_64" | "arm64";
}

/**
 * One environment that the project must run in: a Python series or one version of it, on a platform. Where
 * `machine` is not said, what depends on it is not known.
 */
export interface TargetInput {
  python?: string;
  platform?: "linux" | "macos" | "windows";
  machine?: "x86_64" | "arm64";
}

/**
 * `answer`: agree to `resolution`, which makes `changes`, until then; `resolve`: find a way out. It is as of event
 * `sequence`, at which a `conflict.resolve` command may say that it has `seen` the conflict.
 */
export interface Task {
  project: string;
  sequence: number;
  task: "answer" | "resolve";
  conflict: Conflict;
  text: string;
  resolution?: string;
  changes: Change[];
  until?: string;
}

/** What an agent is asked to do, as of `sequence`. */
export interface TaskList {
  items: Task[];
  sequence: number;
}

/** Move the project along its lifecycle. */
export interface TransitionProject {
  to: Phase;
  reason: string;
}

/**
 * Whether all can be installed together with everything that packages need themselves, as far as that was checked.
 * `unchecked`: nobody ever asked, for no index is configured. `pending`: what stands declared now was not judged
 * yet. Else the verdict on what stood declared at event `sequence`, over the index as of `exclude_newer`; `reasons`
 * say what is waited for, or what is unknown and why. `progress` is how far a check is that runs now and has taken
 * more than a second.
 */
export interface Transitive {
  verdict: "compatible" | "conflict" | "unknown" | "pending" | "unchecked";
  reasons: string[];
  sequence?: number;
  exclude_newer?: string;
  progress?: CheckProgress;
}

/**
 * What became of a declaration. `blocked`: it is party to a conflict that blocks the project. `conflict`: to one
 * that does not. `auto_resolved`: it was, and the resolver has cleared it within the time that was waited;
 * `resolution` is how.
 */
export interface VerdictAnswer {
  command_id: string;
  position: number;
  sequence: number;
  /** The event as it is stored: a CloudEvent, see the contract. */
  event: Event;
  /** The signed promise that this very event is in the log. */
  receipt?: string;
  verdict: "accepted" | "blocked" | "conflict" | "auto_resolved";
  artifact: string;
  text: string;
  conflicts: Conflict[];
  cleared: string[];
  state?: Phase;
  resolution?: Event;
}

/** One agent that waits for a slot, since then and for so long at most. */
export interface WaitingStatus {
  agent: string;
  request: string;
  since: string;
  wait_seconds: number;
}

/** A conflict that is open and blocks nothing `until` then, because `by` said so. */
export interface WaiverStatus {
  conflict: string;
  resolution: string;
  by: string;
  reason: string;
  since: string;
  until: string;
}

/** Whether the gateway can do its work; `position` is the newest event that it knows of. */
export interface Wellness {
  well: boolean;
  version: string;
  position: number;
  parts: Part[];
}

/** Why an artifact is withdrawn. */
export interface Withdrawal {
  reason: string;
  fence?: number;
}

export interface ProjectsListingQuery {
  limit?: number;
  cursor?: string;
}

export interface ProjectsReadingQuery {
  sequence?: number;
}

export interface ProjectsEventsQuery {
  limit?: number;
  cursor?: string;
}

export interface ArtifactsListingQuery {
  limit?: number;
  cursor?: string;
  agent?: string;
  type?: "code" | "config" | "model" | "data" | "plan" | "analysis";
  status?: string;
  package?: string;
}

export interface GovernanceConflictsQuery {
  limit?: number;
  cursor?: string;
  project?: string;
  severity?: Severity;
  type?: "version" | "python" | "reference" | "path" | "transitive" | "no-version";
  state?: string;
}

export interface GovernanceConflictQuery {
  project: string;
}

export interface GovernanceResolveQuery {
  project: string;
}

export interface GovernanceBlockingQuery {
  limit?: number;
  cursor?: string;
  project?: string;
}

export interface OperationsAlertsQuery {
  limit?: number;
  cursor?: string;
  project?: string;
  waiting?: boolean;
}

export interface OperationsAcknowledgeQuery {
  project: string;
}

export interface OperationsLettersQuery {
  limit?: number;
  cursor?: string;
  project?: string;
  waiting?: boolean;
}

export interface LiveStreamQuery {
  project?: readonly string[];
  type?: readonly string[];
  severity?: readonly Severity[];
  after?: number;
}

/** The stable codes of problems that are known now. */
export type ProblemCode =
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "METHOD_NOT_ALLOWED"
  | "INVALID"
  | "TOO_LARGE"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "PRECONDITION_FAILED"
  | "KEY_REUSED"
  | "NO_SUCH_PAST"
  | "NOT_GRANTED"
  | "NOT_KNOWN"
  | "OVERLOADED"
  | "UNAVAILABLE"
  | "DAMAGED"
  | "FAULT"
  | "MALFORMED"
  | "ACTOR_MISMATCH"
  | "RESERVED_NAME"
  | "UNKNOWN_PROJECT"
  | "PROJECT_EXISTS"
  | "PROJECT_NOT_OPEN"
  | "PROJECT_BLOCKED"
  | "ILLEGAL_TRANSITION"
  | "WORK_UNFINISHED"
  | "ARTIFACT_EXISTS"
  | "UNKNOWN_ARTIFACT"
  | "NOT_OWNER"
  | "INVALID_CONSTRAINT"
  | "INVALID_MARKER"
  | "INVALID_REFERENCE"
  | "INVALID_PATH"
  | "SLOT_HELD"
  | "NO_SLOT"
  | "SLOTS_EXHAUSTED"
  | "NOT_DECLARED"
  | "SLOT_LOST"
  | "NOT_WAITING"
  | "RATE_LIMITED"
  | "UNKNOWN_CONFLICT"
  | "CONFLICT_CHANGED"
  | "UNKNOWN_SUGGESTION"
  | "RESOLUTION_UNDER_WAY"
  | "UNKNOWN_RESOLUTION"
  | "INVALID_RESOLUTION"
  | "NOT_ALLOWED"
  | "UNKNOWN_ALERT"
  | "UNKNOWN_LETTER"
  | "UNKNOWN_SUBJECT"
  ;

/** Every route: what it takes and what it answers. */
export interface Operations {
  /** List the projects that the key sees, by id */
  projects_listing: {
    path: undefined;
    query: ProjectsListingQuery;
    body: undefined;
    told: ProjectPage;
    sent: never;
  };
  /** Create a project */
  projects_create: {
    path: undefined;
    query: undefined;
    body: NewProject;
    told: Outcome;
    sent: Sent;
  };
  /** Say how a project stands, now or as of an event; the ETag is the sequence of its last event */
  projects_reading: {
    path: { project: string };
    query: ProjectsReadingQuery;
    body: undefined;
    told: Status;
    sent: never;
  };
  /** Move a project along its lifecycle */
  projects_transition: {
    path: { project: string };
    query: undefined;
    body: TransitionProject;
    told: Outcome;
    sent: Sent;
  };
  /** Page through the audit trail of a project; as `application/jsonl` each line is an event's exact stored bytes */
  projects_events: {
    path: { project: string };
    query: ProjectsEventsQuery;
    body: undefined;
    told: EventPage;
    sent: never;
  };
  /** List the artifacts of a project, by id */
  artifacts_listing: {
    path: { project: string };
    query: ArtifactsListingQuery;
    body: undefined;
    told: ArtifactPage;
    sent: never;
  };
  /** Declare an artifact: stored at once (202); with `Prefer: wait` answered with the verdict and its evidence */
  artifacts_declare: {
    path: { project: string };
    query: undefined;
    body: DeclareArtifact;
    told: VerdictAnswer;
    sent: Sent;
  };
  /** Say what an artifact is, needs and touches; the ETag is the sequence of its last declaration */
  artifacts_reading: {
    path: { project: string; artifact: string };
    query: undefined;
    body: undefined;
    told: ArtifactStatus;
    sent: never;
  };
  /**
   * Amend a declaration: what is left out stays as it was. As for declaring, `Prefer: wait` waits for the verdict
   */
  artifacts_amend: {
    path: { project: string; artifact: string };
    query: undefined;
    body: Amendment;
    told: VerdictAnswer;
    sent: Sent;
  };
  /** Withdraw an artifact, with the reason: it is archived, and what it needs counts no more */
  artifacts_withdraw: {
    path: { project: string; artifact: string };
    query: undefined;
    body: Withdrawal;
    told: Outcome;
    sent: Sent;
  };
  /** List the agents of a project: what each has made, whether it runs, waits or has fallen silent */
  agents_agents: {
    path: { project: string };
    query: undefined;
    body: undefined;
    told: AgentList;
    sent: never;
  };
  /** List who may run, and who waits for that in the order of the queue */
  agents_slots: {
    path: { project: string };
    query: undefined;
    body: undefined;
    told: SlotList;
    sent: never;
  };
  /** Ask for the right to run; `sequence` of the outcome is the fence of the slot */
  agents_begin: {
    path: { project: string };
    query: undefined;
    body: RequestSlot;
    told: Outcome;
    sent: Sent;
  };
  /** Have the slot's term begin anew */
  agents_renew: {
    path: { project: string };
    query: undefined;
    body: RenewSlot;
    told: Outcome;
    sent: Sent;
  };
  /** Give the right to run back */
  agents_finish: {
    path: { project: string };
    query: undefined;
    body: FinishSlot;
    told: Outcome;
    sent: Sent;
  };
  /** Wait for a slot no longer */
  agents_leave: {
    path: { project: string };
    query: undefined;
    body: LeaveQueue;
    told: Outcome;
    sent: Sent;
  };
  /** Say that the agent is alive: without it a slot ends with its lease */
  agents_heartbeat: {
    path: { project: string };
    query: undefined;
    body: undefined;
    told: undefined;
    sent: never;
  };
  /** List what the calling agent is asked to do about conflicts */
  agents_asked: {
    path: { project: string };
    query: undefined;
    body: undefined;
    told: TaskList;
    sent: never;
  };
  /** Answer a proposal that changes what is one's own */
  governance_respond: {
    path: { project: string; resolution: string };
    query: undefined;
    body: Answer;
    told: Outcome;
    sent: Sent;
  };
  /** List open conflicts with their evidence, of one project or of all. A page never ends inside a project */
  governance_conflicts: {
    path: undefined;
    query: GovernanceConflictsQuery;
    body: undefined;
    told: ConflictPage;
    sent: never;
  };
  /** Say everything about one open conflict */
  governance_conflict: {
    path: { conflict: string };
    query: GovernanceConflictQuery;
    body: undefined;
    told: ConflictState;
    sent: never;
  };
  /** Resolve a conflict: accept a suggestion, change, merge, waive, escalate or retry */
  governance_resolve: {
    path: { conflict: string };
    query: GovernanceResolveQuery;
    body: Resolution;
    told: Outcome;
    sent: Sent;
  };
  /** Say what blocks which projects, whom that stops, and every way out as a request that can be sent */
  governance_blocking: {
    path: undefined;
    query: GovernanceBlockingQuery;
    body: undefined;
    told: BlockingReport;
    sent: never;
  };
  /** List open alerts, oldest first, of one project or of all that the key sees */
  operations_alerts: {
    path: undefined;
    query: OperationsAlertsQuery;
    body: undefined;
    told: AlertPage;
    sent: never;
  };
  /** Take an alert in hand: it is in nobody's inbox any more */
  operations_acknowledge: {
    path: { alert: string };
    query: OperationsAcknowledgeQuery;
    body: Because;
    told: Outcome;
    sent: Sent;
  };
  /** List dead letters with what became of them, oldest first */
  operations_letters: {
    path: undefined;
    query: OperationsLettersQuery;
    body: undefined;
    told: LetterPage;
    sent: never;
  };
  /** Have a dead letter handled once more */
  operations_retry: {
    path: { letter: number };
    query: undefined;
    body: Because;
    told: Outcome;
    sent: Sent;
  };
  /** Give a dead letter up; its bytes stay where they are */
  operations_drop: {
    path: { letter: number };
    query: undefined;
    body: Because;
    told: Outcome;
    sent: Sent;
  };
  /** Follow the log: stored events in order, the log position as id; a `Last-Event-ID` resumes right behind it */
  live_stream: {
    path: undefined;
    query: LiveStreamQuery;
    body: undefined;
    told: undefined;
    sent: never;
  };
  /** List every code that a problem can have */
  operations_kinds: {
    path: undefined;
    query: undefined;
    body: undefined;
    told: ProblemKinds;
    sent: never;
  };
  /** Say whether the gateway can do its work: 503 when it cannot */
  operations_health: {
    path: undefined;
    query: undefined;
    body: undefined;
    told: Wellness;
    sent: never;
  };
}

/** Method and path of every route. */
export const routes = {
  projects_listing: ["GET", "/projects"],
  projects_create: ["POST", "/projects"],
  projects_reading: ["GET", "/projects/{project}"],
  projects_transition: ["POST", "/projects/{project}/transition"],
  projects_events: ["GET", "/projects/{project}/events"],
  artifacts_listing: ["GET", "/projects/{project}/artifacts"],
  artifacts_declare: ["POST", "/projects/{project}/artifacts"],
  artifacts_reading: ["GET", "/projects/{project}/artifacts/{artifact}"],
  artifacts_amend: ["PATCH", "/projects/{project}/artifacts/{artifact}"],
  artifacts_withdraw: ["DELETE", "/projects/{project}/artifacts/{artifact}"],
  agents_agents: ["GET", "/projects/{project}/agents"],
  agents_slots: ["GET", "/projects/{project}/slots"],
  agents_begin: ["POST", "/projects/{project}/slots"],
  agents_renew: ["POST", "/projects/{project}/slots/renew"],
  agents_finish: ["POST", "/projects/{project}/slots/finish"],
  agents_leave: ["POST", "/projects/{project}/slots/leave"],
  agents_heartbeat: ["POST", "/projects/{project}/heartbeat"],
  agents_asked: ["GET", "/projects/{project}/tasks"],
  governance_respond: ["POST", "/projects/{project}/resolutions/{resolution}/answer"],
  governance_conflicts: ["GET", "/governance/conflicts"],
  governance_conflict: ["GET", "/governance/conflicts/{conflict}"],
  governance_resolve: ["POST", "/governance/conflicts/{conflict}/resolve"],
  governance_blocking: ["GET", "/governance/blocking-report"],
  operations_alerts: ["GET", "/alerts"],
  operations_acknowledge: ["POST", "/alerts/{alert}/acknowledge"],
  operations_letters: ["GET", "/dead-letters"],
  operations_retry: ["POST", "/dead-letters/{letter}/retry"],
  operations_drop: ["POST", "/dead-letters/{letter}/drop"],
  live_stream: ["GET", "/events/stream"],
  operations_kinds: ["GET", "/problems"],
  operations_health: ["GET", "/health"],
} as const satisfies { [name in keyof Operations]: readonly [string, string] };
