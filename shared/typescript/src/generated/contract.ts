// Written by `python -m tests.typings` from docs/contract: do not change it by hand.

/** Give a graph up that is not settled: nothing of it is done any more; for who governs the project. */
export interface AbandonMaeg {
  maeg: string;
  reason: string;
}

/** Take an alert in hand: it leaves the inbox. */
export interface AcknowledgeAlert {
  alert: string;
  reason: string;
}

/** Have events of the tenant's projects posted to `url`, from now on. Its secret is shown to who adds it, once. */
export interface AddWebhook {
  webhook: string;
  url: string;
  kinds?: readonly string[];
}

/** An agent that was silent is heard again. */
export interface AgentReturned {
  agent: string;
  last_seen: string;
}

/** An agent (or, in the system project, a service) has not been heard for longer than allowed. */
export interface AgentSilenced {
  agent: string;
  last_seen: string;
}

/** A person has taken an alert in hand. */
export interface AlertAcknowledged {
  alert: string;
  reason: string;
}

/** What an alert was raised for is over. */
export interface AlertCleared {
  alert: string;
  reason: string;
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

/** A page of open alerts. `behind` is how many events the projection had yet to take in when it was asked. */
export interface AlertList {
  alerts: AlertLine[];
  more: boolean;
  behind: number;
}

/**
 * Something that somebody should know. `person`: it stands in the inbox until a person has taken it in hand.
 * `alert` names what it is about, for example `conflict-C-3` or `letter-17`; while it is open it is raised once.
 */
export interface AlertRaised {
  alert: string;
  severity: Severity;
  text: string;
  hint: string;
  person: boolean;
  conflict?: string;
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
 * The tenant's open alerts, or those of one `project`, oldest first, behind `after`, at most `limit` of them.
 * `waiting`: only those that wait for a person, the inbox.
 */
export interface AlertsQuestion {
  project?: string;
  waiting?: boolean;
  after?: readonly [string, string, string];
  limit?: number;
}

/** A package that may be needed, in the versions of `constraint`; "" is any. */
export interface Allowance {
  name: string;
  constraint: string;
  ecosystem: "pypi" | "npm";
}

/**
 * Replace parts of an artifact's declaration; what is left out stays as it was. An empty `requires_python` asks for
 * nothing any more, an empty `environment` is the shared one.
 */
export interface AmendArtifact {
  artifact: string;
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

/** A whole new declaration of what is `agent`'s own. */
export interface Amendment {
  agent: string;
  declaration: ArtifactAmended;
}

/**
 * An owner's answer to a proposal that changes what is its own. With `amend` it says in `changes` (of its own
 * artifacts) what it would change instead.
 */
export interface AnswerResolution {
  resolution: string;
  answer: "yes" | "no" | "amend";
  changes?: readonly Change[];
  reason?: string;
}

/** Agree that the whole is settled, all of whose outcomes are aggregated; for who governs the project. */
export interface ApproveMaeg {
  maeg: string;
  reason: string;
}

/** Take a task off the list, with the reason: it is ARCHIVED, done or not. */
export interface ArchiveTask {
  task: string;
  reason: string;
}

/**
 * The verdict: this version stands together with every other declaration. `witness` maps each subject that the
 * artifact shares with others to a range that all admit; `unchecked` says aloud what is not known, and why.
 */
export interface ArtifactAccepted {
  artifact: string;
  version: number;
  witness: { [name: string]: string };
  warnings: string[];
  unchecked: string[];
}

/** A declaration was replaced; the event carries the whole new one. The verdict follows. */
export interface ArtifactAmended {
  artifact: string;
  version: number;
  type: "code" | "config" | "model" | "data" | "plan" | "analysis";
  summary: string;
  dependencies: Dependency[];
  paths: PathClaim[];
  metadata: { [name: string]: unknown };
  reason: string;
  requires_python?: string;
  environment?: string;
  flexible?: boolean;
  fence?: number;
}

/** An artifact was declared, version 1; the verdict follows. */
export interface ArtifactDeclared {
  artifact: string;
  version: number;
  type: "code" | "config" | "model" | "data" | "plan" | "analysis";
  summary: string;
  dependencies: Dependency[];
  paths: PathClaim[];
  metadata: { [name: string]: unknown };
  requires_python?: string;
  environment?: string;
  flexible?: boolean;
  fence?: number;
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

/** An artifact left the project; `version` is the one that was withdrawn. */
export interface ArtifactWithdrawn {
  artifact: string;
  version: number;
  reason: string;
}

/** What a slot was granted for: one attempt of one node, by the token of that id. */
export interface Assignment {
  maeg: string;
  node: string;
  attempt: number;
  token: string;
}

/** What a person has to do: say what becomes of a `failed` node, `review` a result, or agree to the whole. */
export interface Awaited {
  what: "failed" | "review" | "approval";
  text: string;
  node?: string;
  role?: string;
}

/** A sync point, or the aggregation: it opens when all `of` those before it have `passed`. */
export interface Barrier {
  node: string;
  of: number;
  passed: number;
  open: boolean;
}

/** The review of one result: PASS when all checks pass, FAIL when one fails, else PENDING. */
export interface Ber {
  verdict: "PASS" | "FAIL" | "PENDING";
  findings: Finding[];
}

/** A result was reviewed. FAIL makes the Sub-PAC FAILED by itself; PENDING waits for a person. */
export interface BerAgentGenerated {
  maeg: string;
  node: string;
  attempt: number;
  ber: Ber;
  made: Made[];
  cost_micros: number;
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
 * Change what a project is called, must run in, and how it is governed; what is left out stays as it was. With
 * other `targets` all that stands declared is judged anew. For who governs the project.
 */
export interface ChangeProject {
  name?: string;
  targets?: readonly TargetInput[];
  policy?: PolicyChange;
  reason: string;
}

/**
 * Change a task; what is left out stays as it was. An empty `agent` leaves it to whoever takes it. What is handed
 * on is OPEN again, unless `status` says otherwise. It becomes DONE only when all that shall come of it is declared
 * and ACTIVE.
 */
export interface ChangeTask {
  task: string;
  title?: string;
  details?: string;
  agent?: string | "";
  artifacts?: readonly string[];
  status?: "OPEN" | "IN_PROGRESS" | "DONE";
  reason?: string;
}

/** Change a webhook; what is left out stays as it was. One that has ended begins anew. */
export interface ChangeWebhook {
  webhook: string;
  url?: string;
  kinds?: readonly string[];
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

/** A signed checkpoint that covers the project's record `at_least`; left out, the last one that it has now. */
export interface CheckpointQuestion {
  project: string;
  at_least?: number;
}

/** One outcome under the root: its place in graph order is its place in `PdoOrch.children`. */
export interface Child {
  node: string;
  sub_pac: string;
  attempt: number;
  pdo: string;
}

/** Why a command was refused. Codes are stable; texts may improve. */
export type Code = "MALFORMED" | "ACTOR_MISMATCH" | "RESERVED_NAME" | "UNKNOWN_PROJECT" | "PROJECT_EXISTS" | "PROJECT_NOT_OPEN" | "PROJECT_BLOCKED" | "ILLEGAL_TRANSITION" | "WORK_UNFINISHED" | "ARTIFACT_EXISTS" | "UNKNOWN_ARTIFACT" | "NOT_OWNER" | "INVALID_CONSTRAINT" | "INVALID_MARKER" | "INVALID_REFERENCE" | "INVALID_PATH" | "SLOT_HELD" | "NO_SLOT" | "SLOTS_EXHAUSTED" | "NOT_DECLARED" | "SLOT_LOST" | "NOT_WAITING" | "RATE_LIMITED" | "UNKNOWN_CONFLICT" | "CONFLICT_CHANGED" | "UNKNOWN_SUGGESTION" | "RESOLUTION_UNDER_WAY" | "UNKNOWN_RESOLUTION" | "INVALID_RESOLUTION" | "NOT_ALLOWED" | "UNKNOWN_ALERT" | "UNKNOWN_LETTER" | "UNKNOWN_SUBJECT" | "PRECONDITION_FAILED" | "INVALID_GRAPH" | "GRAPH_EXISTS" | "UNKNOWN_GRAPH" | "NO_ASSIGNMENT" | "TOKEN_INVALID" | "TOKEN_EXPIRED" | "TOKEN_SPENT" | "WEBHOOK_EXISTS" | "UNKNOWN_WEBHOOK" | "TOO_MANY_WEBHOOKS" | "WRONG_PROJECT" | "TASK_EXISTS" | "UNKNOWN_TASK" | "TOO_MANY_TASKS";

/**
 * A command as it is sent: `type` is `psmp.<entity>.<verb>.v1`, `id` is the command's for ever. `personname` and
 * `personcontact` say which person speaks as `actor`, where one does. They and the reason that is given are stored
 * sealed, and can be erased (`psmp.words.sealed`). `expected`: nothing is done unless this is still the sequence of
 * the artifact's last declaration, where the command is about one that is there, and of the project's last event
 * otherwise.
 */
export interface CommandEnvelope {
  specversion?: "1.0";
  id: string;
  source: string;
  subject: string;
  time: string;
  datacontenttype?: "application/json";
  dataschema?: string;
  actor: string;
  traceparent?: string;
  type: string;
  personname?: string;
  personcontact?: string;
  expected?: number;
  data: { [name: string]: unknown };
}

/**
 * The answer no, with the reason and what to do next. `command` is the kind that was refused. `retry_seconds`: the
 * same command may be answered otherwise after so many. `current`: the sequence of the event that stands in the
 * place of the one that the command expected. `faults` are all that is wrong with a graph, each with its place.
 */
export interface CommandRefused {
  command: string;
  code: Code | Gs;
  reason: string;
  hint: string;
  conflicts: string[];
  retry_seconds?: number;
  current?: number;
  faults?: FaultTold[];
}

/**
 * The resolver's answer about all that stood declared at event `sequence`. Clashes are told before it. `reasons`
 * say what is unknown and why, `notes` what to know besides. `digest` names the question: with `exclude_newer` it
 * has the same answer for ever. `packages` is how many were chosen where all can be installed.
 */
export interface CompatibilityChecked {
  sequence: number;
  verdict: "compatible" | "conflict" | "unknown";
  reasons: string[];
  notes: string[];
  digest: string;
  index: string;
  exclude_newer?: string;
  packages: number;
}

/**
 * A resolver was asked whether all that stood declared at event `sequence` can be installed together. `index` is
 * the package index, without a name and password. `exclude_newer` is the moment at which it is looked at; None: as
 * it is at the time.
 */
export interface CompatibilityStarted {
  sequence: number;
  index: string;
  exclude_newer?: string;
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

/**
 * The verdict: conflicts are gone because of this amendment (which is thereby accepted) or withdrawal. Or the
 * resolver finds them no more: then the version is the latest of all that were in them.
 */
export interface ConflictCleared {
  artifact: string;
  version: number;
  cleared: string[];
  witness: { [name: string]: string };
  warnings: string[];
  unchecked: string[];
}

/**
 * The verdict: conflicts are open. Carries those that this version is part of and those that its change altered. Or
 * the resolver found them, later: then the version is the latest of all that are in them. A conflict whose id is
 * open already is replaced by what stands here; `cleared` ones are gone. A version that is no party to any of the
 * `conflicts` is itself accepted.
 */
export interface ConflictDetected {
  artifact: string;
  version: number;
  conflicts: Conflict[];
  cleared: string[];
  warnings: string[];
  unchecked: string[];
}

/** Have a node done once more that has failed too often, or is done; for who governs the project. */
export interface CorrectSubPac {
  maeg: string;
  node: string;
  reason: string;
}

/** The order to do a node again: what the review found, or what else went wrong. `by` is the person, if one. */
export interface CorrectionPack {
  findings: Finding[];
  cause?: "EXECUTION_ERROR" | "OUTCOME_FAILURE" | "AGENT_SILENT" | "TOKEN_EXPIRED";
  reason: string;
  by?: string;
}

/** Start a project, INITIALIZED, in the subject's tenant and under the subject's id. */
export interface CreateProject {
  name: string;
  targets?: readonly TargetInput[];
  policy?: PolicyInput;
}

/**
 * Say what is to be done, by `agent` or by whoever takes it, and which `artifacts` shall come of it. It stays in
 * the log for ever: no personal data belongs in it.
 */
export interface CreateTask {
  task: string;
  title: string;
  details?: string;
  agent?: string;
  artifacts?: readonly string[];
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

/**
 * One attempt of one node, ready to begin: show `token` with the request for a slot, before `expires`. `inputs` are
 * all that the edges of the graph give to it, `outputs` the schemas of what it is to give. `correction` says what
 * was wrong with the attempt before.
 */
export interface Dispatch {
  project: string;
  maeg: string;
  node: string;
  agent: string;
  sub_pac: string;
  attempt: number;
  task: string;
  lane: Lane;
  scope: Scope;
  inputs: { [name: string]: unknown };
  outputs: { [name: string]: boolean | { [name: string]: unknown } };
  correction?: CorrectionPack;
  token: string;
  expires: string;
}

/** Give a dead letter up; its bytes stay in `PSMP_DLQ`. */
export interface DropLetter {
  letter: number;
  reason: string;
}

/**
 * Erase what a person has said of itself and given as reasons when it spoke as agent `subject` of `tenant`.
 * `reason` and `approver` stay in the log for ever: no personal data belongs in them. For the operator alone.
 */
export interface EraseSubject {
  tenant: string;
  subject: string;
  reason: string;
  approver: string;
}

/**
 * An event as it is stored. Invariant: `sequence` counts 1, 2, 3, ... within the project without a gap. Invariant:
 * `prev` is the leaf hash of the event before it, `GENESIS` for the first. `causationid` is the command or event
 * that this follows from, `correlationid` the command at the root. `personname` and `personcontact` are sealed
 * texts.
 */
export interface EventEnvelope {
  specversion: "1.0";
  id: string;
  source: string;
  subject: string;
  time: string;
  datacontenttype: "application/json";
  dataschema?: string;
  actor: string;
  traceparent?: string;
  type: string;
  personname?: string;
  personcontact?: string;
  causationid: string;
  correlationid: string;
  sequence: number;
  prev: string;
  data: { [name: string]: unknown };
}

/**
 * A page of a log: each event's stream position and its exact stored bytes as text. `opened` says of every sealed
 * text in them what it says, `[erased]` where its key is gone.
 */
export interface EventsPage {
  events: ([number, string])[];
  more: boolean;
  opened: { [name: string]: string };
}

/** The project's events behind `after` (a sequence), at most `limit` of them. */
export interface EventsQuestion {
  project: string;
  after?: number;
  limit?: number;
}

/** One thing wrong with a graph: what, where (a JSON pointer), and for a cycle its nodes, the first again last. */
export interface FaultTold {
  code: string;
  pointer: string;
  problem: string;
  cycle?: string[];
}

/** What one check found; `code` is the model's, where it has one for that. */
export interface Finding {
  check: "NO_OPEN_CONFLICT" | "OUTPUTS_VALID" | "SCOPE_KEPT" | "LANE_KEPT" | "NO_SIDE_CHANNEL" | "TIME_WITHIN_LIMIT" | "COST_WITHIN_LIMIT" | "ARTIFACT_ACCEPTED" | "TESTS_REPORTED" | "HUMAN_REVIEW";
  verdict: "PASS" | "FAIL" | "PENDING";
  text: string;
  code?: string;
}

/**
 * Give the right to run back; refused when nothing was declared under it and no `failure` is told. `fence` says
 * which slot, if the agent holds several.
 */
export interface FinishSlot {
  failure?: string;
  fence?: number;
}

/** The eight codes of governed parallelism, as its model numbers them. */
export type Gs = "GS_200" | "GS_201" | "GS_202" | "GS_203" | "GS_204" | "GS_205" | "GS_206" | "GS_207";

/** A legal hold lies on the project: nothing of it is pruned while it lasts. */
export interface HoldPlaced {
  reason: string;
}

/** No legal hold lies on the project any more. */
export interface HoldReleased {
  reason: string;
}

/** A kind of work: the paths and the types of artifacts that belong to it; left out is any. */
export interface Lane {
  lane: string;
  paths?: string[];
  types?: ("code" | "config" | "model" | "data" | "plan" | "analysis")[];
}

/** Wait for a slot no longer; `request` is the command that asked for it, if the agent waits for several. */
export interface LeaveQueue {
  request?: string;
}

/** A dead letter was given up; its bytes stay in `PSMP_DLQ`. */
export interface LetterDropped {
  letter: number;
  reason: string;
}

/** A dead letter, by its sequence in `PSMP_DLQ`, is to be handled once more. */
export interface LetterRetried {
  letter: number;
  reason: string;
}

/** What an agent may use of the machine while it runs; handed to whoever starts it. PSMP measures neither. */
export interface Limits {
  cpus?: number;
  memory_mb?: number;
}

/** An artifact that a node declared, and whether the project has accepted it. */
export interface Made {
  artifact: string;
  version: number;
  type: "code" | "config" | "model" | "data" | "plan" | "analysis";
  accepted: boolean;
  paths: string[];
  dependencies: Dependency[];
}

/** A person gives the whole up: nothing of it is done any more, and nothing of it is settled. No entry. */
export interface MaegAbandoned {
  maeg: string;
  reason: string;
}

/** A person agrees that the whole is settled; it names no part of it. No entry of the model. */
export interface MaegApproved {
  maeg: string;
  root: string;
  reason: string;
}

/**
 * A graph is registered, whole and without a fault; nothing runs before. `packed` is the document as it was sent
 * (`psmp.words.orchestration.packing`), `graph` the hash of what it says (canonical JSON), `nodes` how many agent
 * nodes it has.
 */
export interface MaegCreated {
  maeg: string;
  pac: string;
  graph: string;
  nodes: number;
  packed: string;
}

/**
 * A graph and what has become of it; its nodes stand in graph order. `root` is over all outcomes once they are
 * aggregated, `wrap` is there once the whole is settled.
 */
export interface Orchestration {
  id: string;
  project: string;
  pac: string;
  title: string;
  state: "OPEN" | "AGGREGATED" | "SETTLED" | "ABANDONED";
  sequence: number;
  time: string;
  created: string;
  created_by?: string;
  /** How many agent nodes it has. */
  agents: number;
  /** How many of them are COMPLETE. */
  complete: number;
  /** How many of them are FAILED. */
  failed: number;
  cost_micros: number;
  for_a_person: Awaited[];
  graph_digest: string;
  nodes: SeenNode[];
  edges: SeenEdge[];
  barriers: Barrier[];
  approver?: string;
  approved_by?: string;
  root?: string;
  wrap?: Settled;
  abandoned?: string;
}

/** A graph in a list. `sequence` and `time` are of the last event that changed it. */
export interface OrchestrationLine {
  id: string;
  project: string;
  pac: string;
  title: string;
  state: "OPEN" | "AGGREGATED" | "SETTLED" | "ABANDONED";
  sequence: number;
  time: string;
  created: string;
  created_by?: string;
  /** How many agent nodes it has. */
  agents: number;
  /** How many of them are COMPLETE. */
  complete: number;
  /** How many of them are FAILED. */
  failed: number;
  cost_micros: number;
  for_a_person: Awaited[];
}

/** The graphs of agents of a project, the oldest first, as of `sequence` of the project. */
export interface OrchestrationList {
  items: OrchestrationLine[];
  sequence: number;
}

/** A graph of agents with all its nodes, now, or as of `sequence` or `time`, whichever is given. */
export interface OrchestrationQuestion {
  project: string;
  maeg: string;
  sequence?: number;
  time?: string;
}

/** The graphs of agents of a project. */
export interface OrchestrationsQuestion {
  project: string;
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

/** A node's outcome is final. */
export interface PdoAgentFinalized {
  maeg: string;
  node: string;
  attempt: number;
  pdo: string;
}

/** All outcomes of a graph, in graph order, and their root. */
export interface PdoOrch {
  maeg: string;
  root: string;
  children: Child[];
}

/** All outcomes stand under one RFC 6962 root. It names no node: there is no aggregation of some. */
export interface PdoOrchAggregated {
  maeg: string;
  root: string;
}

/** What a person said of a result. */
export interface PersonsWord {
  by: string;
  role: string;
  agrees: boolean;
  reason: string;
}

/** Where a project stands in its lifecycle. */
export type Phase = "INITIALIZED" | "PLANNING" | "IN_PROGRESS" | "BLOCKED" | "RESOLVING" | "COMPLETED" | "ARCHIVED";

/** Lay a legal hold on a project: nothing of it is pruned while it lasts. For the operator alone. */
export interface PlaceHold {
  tenant: string;
  project: string;
  reason: string;
}

/**
 * One planned task: what `agent` is asked to do, or whoever takes it, and how far that is. `by` has made it, at
 * `since`; `sequence` and `time` are those of the event that made it what it is, and `reason` is what was said with
 * that.
 */
export interface Planned {
  task: string;
  status: "OPEN" | "IN_PROGRESS" | "DONE" | "ARCHIVED";
  title: string;
  details: string;
  agent?: string;
  artifacts: string[];
  by: string;
  since: string;
  sequence: number;
  time: string;
  reason: string;
}

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

/** The parts of a policy that are to be otherwise, as `Policy` has them; what is left out stays as it was. */
export interface PolicyChange {
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

/** A question that cannot be answered: a stable code, why, and what to do next. */
export interface Problem {
  code: string;
  reason: string;
  hint: string;
}

/**
 * A project as it is called, must run in and is governed from here on. With other targets than before all that
 * stands declared awaits a verdict anew.
 */
export interface ProjectChanged {
  name: string;
  targets: Target[];
  policy: Policy;
  reason: string;
}

/** A project exists; it is INITIALIZED. */
export interface ProjectCreated {
  name: string;
  targets: Target[];
  policy: Policy;
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

/** A page of projects. `behind` is how many events the projection had yet to take in when it was asked. */
export interface ProjectList {
  projects: ProjectLine[];
  more: boolean;
  behind: number;
}

/**
 * What is done about a project that is stuck in `phase`; `reason` says why this. `recheck`: every verdict that is
 * missing is given. `retry`: the resolver tries again. `escalate`: an alert lays it before a person.
 */
export interface ProjectRecovering {
  phase: Phase;
  step: "recheck" | "retry" | "escalate";
  reason: string;
}

/** The project has not got on for longer than its policy allows; `since` is when it did last. */
export interface ProjectStalled {
  phase: Phase;
  since: string;
  conflicts: string[];
}

/** The project moved from one phase to another; `conflicts` are the open ones that made it. */
export interface ProjectTransitioned {
  origin: Phase;
  to: Phase;
  reason: string;
  conflicts: string[];
}

/** The tenant's projects whose id comes after `after`, at most `limit` of them; of these `states`, if any. */
export interface ProjectsQuestion {
  after?: string;
  states?: readonly Phase[];
  limit?: number;
}

/** One outcome, its place in the tree, and the proof (RFC 6962) from the leaf up that it stands under the root. */
export interface Proven {
  node: string;
  index: number;
  pdo: string;
  proof: string[];
}

/** Take the legal hold from a project. For the operator alone. */
export interface ReleaseHold {
  tenant: string;
  project: string;
  reason: string;
}

/** Have nothing more posted by a webhook. */
export interface RemoveWebhook {
  webhook: string;
}

/** Ask for another term before the one that runs is over; `fence` says of which slot, if there are several. */
export interface RenewSlot {
  fence?: number;
}

/**
 * Say that a node is done, and give its outputs; the slot of that `fence` ends. `tools` are those that were used,
 * `used` the outputs of other nodes, each as node and output. Costs are in millionths.
 */
export interface ReportSubPac {
  fence: number;
  outputs?: { [name: string]: unknown };
  tools?: readonly string[];
  used?: readonly (readonly [string, string])[];
  cost_micros?: number;
  tests?: ReportedTests;
}

/** How many tests were reported as passed and failed. */
export interface ReportedTests {
  passed: number;
  failed: number;
}

/**
 * Ask for the right to run. With `wait_seconds` the agent queues for so long when there is none just now. `token`
 * is the one that the agent was sent for a node of a graph, and is used up by the grant.
 */
export interface RequestSlot {
  wait_seconds?: number;
  limits?: Limits;
  token?: string;
}

/** An owner answered a proposal; with `amend` come the changes that it would make instead. */
export interface ResolutionAnswered {
  resolution: string;
  agent: string;
  answer: "yes" | "no" | "amend";
  changes?: Change[];
  reason: string;
}

/**
 * The engine found that it clears the conflict and makes no other: it is done. `amendments` are whole new
 * declarations, judged already. `cleared` conflicts are gone, `conflicts` go on otherwise than before. For a waiver
 * there is neither, and the conflict does not block for `seconds`.
 */
export interface ResolutionApplied {
  resolution: string;
  conflict: string;
  strategy: "accept" | "change" | "merge" | "waive" | "escalate" | "retry" | "auto";
  reason: string;
  changes: Change[];
  amendments: Amendment[];
  cleared: string[];
  conflicts: Conflict[];
  seconds?: number;
  warnings: string[];
  unchecked: string[];
}

/** Nothing was changed: `reason` says what stood in the way, for example a conflict that it would have made. */
export interface ResolutionFailed {
  resolution: string;
  conflict: string;
  reason: string;
}

/** The resolver would change what belongs to `agents`: each is asked, and has `seconds` to answer. */
export interface ResolutionProposed {
  resolution: string;
  conflict: string;
  suggestion?: number;
  changes: Change[];
  agents: string[];
  seconds: number;
  text: string;
}

/** A proposal came to nothing: an owner said no, or did not answer in time. */
export interface ResolutionRefused {
  resolution: string;
  conflict: string;
  reason: string;
  agent?: string;
}

/**
 * Somebody, or the resolver itself (`auto`), wants a conflict resolved; the resolver's word on it follows.
 * `changes` are what is to be changed; None where the resolver is to find out (`retry`) and for a waiver, which is
 * to hold for `seconds`.
 */
export interface ResolutionRequested {
  resolution: string;
  conflict: string;
  strategy: "accept" | "change" | "merge" | "waive" | "escalate" | "retry" | "auto";
  reason: string;
  suggestion?: number;
  changes?: Change[];
  seconds?: number;
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

/**
 * Resolve a conflict. `accept` takes `suggestion`, `change` the `changes` given, `merge` leaves the path to the
 * artifact `into`, which has everybody's change of it; `waive` lets the conflict stand for `seconds`; `escalate`
 * lays it before a person; `retry` asks the resolver to try (again). `seen` is the sequence at which the conflict
 * was looked at: when it has changed since, nothing is done.
 */
export interface ResolveConflict {
  conflict: string;
  strategy: "accept" | "change" | "merge" | "waive" | "escalate" | "retry";
  reason: string;
  suggestion?: number;
  changes?: readonly Change[];
  into?: string;
  seconds?: number;
  seen?: number;
}

/**
 * The bodies of the project's events up to number `upto` are pruned, by the retention `run` of this id. The log
 * goes on from here: whoever meets a gap before this event knows what is gone, by whose word and why. It says of
 * the project, which was ARCHIVED at `since`, as much as is needed to refuse what is still sent to it. # Invariant:
 * `upto` is the number of the event right before this one, whose hash is this one's `prev`.
 */
export interface RetentionApplied {
  upto: number;
  run: string;
  approver: string;
  reason: string;
  days: number;
  created: string;
  since: string;
  creator: string;
}

/** For so many days after a project of `tenant` was archived the bodies of its events are kept; None: for ever. */
export interface RetentionChanged {
  tenant: string;
  days?: number;
  reason: string;
}

/** Have a dead letter handled once more; `letter` is its sequence in `PSMP_DLQ`. */
export interface RetryLetter {
  letter: number;
  reason: string;
}

/** A person's word on the result of a node that waits for one of that `role`; for who governs the project. */
export interface ReviewSubPac {
  maeg: string;
  node: string;
  role: string;
  agrees: boolean;
  reason: string;
}

/** Give a webhook a new secret; what is posted is signed with the old one as well for `overlap_seconds`. */
export interface RotateWebhook {
  webhook: string;
  overlap_seconds?: number;
}

/**
 * What an assignment may touch, need, use, spend and take. What is left out is the parent's; a parent's is any.
 * `paths` are files, or folders with `/` at their end. An empty list allows nothing. `budget_micros` are millionths
 * of whatever money the project reckons in; it and `seconds` are for one attempt of one node, and of the PAC the
 * budget is for all attempts together too.
 */
export interface Scope {
  paths?: string[];
  dependencies?: Allowance[];
  tools?: string[];
  budget_micros?: number;
  seconds?: number;
}

/**
 * What a webhook is signed with that the asker itself has made, or given a new secret, by `command_id` just now. It
 * is answered for ten minutes; after that nobody is told it any more.
 */
export interface SecretQuestion {
  webhook: string;
  command_id: string;
}

/** An edge; `carries` says which output of `source` becomes which input of `target`. */
export interface SeenEdge {
  source: string;
  target: string;
  kind: "DEPENDENCY" | "DATA_FLOW" | "BARRIER";
  carries: { [name: string]: string };
}

/**
 * A node. What is only of agent nodes is left out of the others. It is in its `state` `since` then. `waits_for` are
 * the nodes before it that have not passed. `reasons` say why it failed, or what this attempt is to correct.
 * `cost_micros` are of all its attempts that were reviewed. `stale`: its inputs have changed since it was
 * dispatched, and it will be done again. `pdo` is the hash of its outcome.
 */
export interface SeenNode {
  id: string;
  kind: "ORCH_ROOT" | "SYNC_POINT" | "AGGREGATION" | "TERMINAL" | "AGENT_NODE";
  state: "ISSUED" | "DISPATCHED" | "EXECUTING" | "BER_PENDING" | "PDO_PENDING" | "COMPLETE" | "FAILED" | "NOT_ISSUED" | "WAITING" | "PASSED";
  waits_for: string[];
  agent?: string;
  agent_name: string;
  lane?: string;
  sub_pac?: string;
  task: string;
  attempt: number;
  attempts: number;
  failures: number;
  cost_micros: number;
  since: string;
  token?: SeenToken;
  review?: SeenReview;
  reasons: string[];
  stale: boolean;
  artifacts: string[];
  pdo?: string;
}

/**
 * The latest review (BER) of a node's latest attempt, what persons have said, and whose roles have yet to speak.
 */
export interface SeenReview {
  verdict: "PASS" | "FAIL" | "PENDING";
  findings: Finding[];
  words: PersonsWord[];
  waits_for: string[];
}

/** The token of a node's latest attempt, by its id: it counts still (`live`), was used, or was not in time. */
export interface SeenToken {
  id: string;
  state: "live" | "used" | "expired";
  expires: string;
}

/**
 * Say for how many days after a project was archived the bodies of its events are kept; None is for ever. For all
 * projects of `tenant`. For the operator alone.
 */
export interface SetRetention {
  tenant: string;
  days?: number;
  reason: string;
}

/** That the whole is settled: the root over all outcomes, the signed checkpoint that covers it, by which event. */
export interface Settled {
  root: string;
  checkpoint: string;
  sequence: number;
  time: string;
}

/** The one settlement of a graph (WRAP) with the event that it is, and a proof for each outcome under its root. */
export interface Settlement {
  project: string;
  wrap: Wrap;
  sequence: number;
  time: string;
  proofs: Proven[];
}

/** The settlement of a graph of agents, with a proof for each outcome. */
export interface SettlementQuestion {
  project: string;
  maeg: string;
}

/** How much a conflict weighs; `critical` blocks in every mode. */
export type Severity = "low" | "medium" | "high" | "critical";

/**
 * A checkpoint that covers a project's first `sequence` records, of which the last stands at `position`. `note` is
 * what is signed, with the signatures of the log's keys and of those witnesses that cosigned in time (C2SP signed
 * note); `root` is the Merkle root in it, in hex, `number` its place in the anchor log. It is stored.
 */
export interface SignedCheckpoint {
  project: string;
  sequence: number;
  position: number;
  root: string;
  number: number;
  note: string;
  signed_at: string;
}

/**
 * A slot ended because its agent was silent for longer than the lease, or its term was over. Without a `fence` it
 * is the only one that the agent had.
 */
export interface SlotExpired {
  agent: string;
  last_seen: string;
  fence?: number;
  reason?: "silent" | "term";
}

/** An agent gave its slot back and reports what went wrong. */
export interface SlotFailed {
  agent: string;
  fence: number;
  failure: string;
}

/**
 * An agent gave its slot back; `failure` says what went wrong, if anything did (now told by `slot.failed`). Without
 * a `fence` it is the only one that the agent had.
 */
export interface SlotFinished {
  agent: string;
  failure?: string;
  fence?: number;
}

/**
 * An agent may run, until its lease ends or it gives the slot back. The event's own `sequence` is the fence. The
 * lease is `lease_seconds` from its last heartbeat, and never longer than `term_seconds` from the grant. `limits`
 * are what it may use; `request` is the command of one that had to wait. `assignment` is the node of a graph that
 * it may run for, whose token is thereby used up.
 */
export interface SlotGranted {
  agent: string;
  lease_seconds: number;
  term_seconds?: number;
  limits?: Limits;
  request?: string;
  assignment?: Assignment;
}

/** An agent gave up waiting. */
export interface SlotLeft {
  agent: string;
  request: string;
}

/** An agent waits no longer: its time was over, or it fell silent, or the project will grant no slot any more. */
export interface SlotRefused {
  agent: string;
  request: string;
  reason: string;
}

/** The slot's term begins anew with this event. */
export interface SlotRenewed {
  agent: string;
  fence: number;
  term_seconds: number;
}

/**
 * An agent waits for a slot, behind those that waited before it, for `wait_seconds` at most. `assignment` is the
 * node of a graph that it has shown a token for.
 */
export interface SlotRequested {
  agent: string;
  wait_seconds: number;
  limits?: Limits;
  assignment?: Assignment;
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
  webhooks: WebhookStatus[];
  tasks: Planned[];
}

/** A project's status now, or as of `sequence` or `time` (RFC 3339, UTC), whichever is given. */
export interface StatusQuestion {
  project: string;
  sequence?: number;
  time?: string;
}

/** A node may start, with inputs of that hash, whoever shows the `token`. Without one nobody can. */
export interface SubPacDispatched {
  maeg: string;
  node: string;
  attempt: number;
  inputs: string;
  token?: TokenTerms;
}

/**
 * The agent says that it is done, and gives its outputs; its slot ends. There is no place in this for a verdict.
 * `used` are the outputs of others that it used, each as node and output. Costs are in millionths.
 */
export interface SubPacExecuted {
  maeg: string;
  node: string;
  attempt: number;
  fence: number;
  outputs: { [name: string]: unknown };
  tools: string[];
  used: ([string, string])[];
  cost_micros: number;
  tests?: ReportedTests;
}

/** An attempt came to nothing, other than by its review. */
export interface SubPacFailed {
  maeg: string;
  node: string;
  attempt: number;
  cause: "EXECUTION_ERROR" | "OUTCOME_FAILURE" | "AGENT_SILENT" | "TOKEN_EXPIRED";
  reason: string;
}

/** A node is to be done: for the first time, after a correction, or since the inputs `changed`. */
export interface SubPacIssued {
  maeg: string;
  node: string;
  sub_pac: string;
  attempt: number;
  correction?: CorrectionPack;
  changed: string[];
}

/** A person has spoken on a result; the review (BER) follows from it. No entry of the model. */
export interface SubPacReviewed {
  maeg: string;
  node: string;
  attempt: number;
  role: string;
  agrees: boolean;
  reason: string;
}

/**
 * What was sealed of agent `subject` cannot be opened any more: the `keys` of these ids are destroyed. It stands in
 * the log of each project in which something was sealed, and in that of `psmp/system`, which names all `projects`
 * and comes last: when the messages are deleted too in which the subject's words still stood unsealed.
 */
export interface SubjectErased {
  tenant: string;
  subject: string;
  keys: string[];
  reason: string;
  approver: string;
  projects: string[];
}

/**
 * Register a graph of agents: its document as `psmp.words.orchestration.packing` packs it. It may be larger than
 * other commands. It is validated as a whole; all its faults are told at once.
 */
export interface SubmitMaeg {
  graph: string;
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

/** A task is off the list, done or not. */
export interface TaskArchived {
  task: string;
  reason: string;
}

/** A task as it is from here on. */
export interface TaskChanged {
  task: string;
  title: string;
  details: string;
  agent?: string;
  artifacts: string[];
  status: "OPEN" | "IN_PROGRESS" | "DONE";
  reason: string;
}

/** It is to be done, by `agent` or by whoever takes it; it is OPEN. */
export interface TaskCreated {
  task: string;
  title: string;
  details: string;
  agent?: string;
  artifacts: string[];
}

/**
 * What can be said of a token to everybody: whose it is, for how long, and the key that verifies it. Its id is that
 * of the event; the token itself is in no log, and reaches its agent alone.
 */
export interface TokenTerms {
  agent: string;
  seconds: number;
  key: string;
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

/** Have an event posted by this webhook alone, to see whether it arrives. */
export interface TryWebhook {
  webhook: string;
}

/** One agent that waits for a slot, since then and for so long at most. */
export interface WaitingStatus {
  agent: string;
  request: string;
  since: string;
  wait_seconds: number;
}

/** The time of a waiver is over: the conflict blocks again. */
export interface WaiverExpired {
  conflict: string;
  resolution: string;
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

/** From here on events of these `kinds` are posted to `url`; its secret is made of this event's cause. */
export interface WebhookAdded {
  webhook: string;
  url: string;
  kinds: string[];
}

/** A webhook as it is from here on; if it had ended, it begins anew. */
export interface WebhookChanged {
  webhook: string;
  url: string;
  kinds: string[];
}

/** The receiver wants nothing any more, as it has answered: nothing is posted until the webhook is changed. */
export interface WebhookEnded {
  webhook: string;
  reason: string;
}

/**
 * How posting by one webhook goes, since the sender that answers began. `waiting` events are to be tried again,
 * `given_up` were tried often enough: each of them is a dead letter. `failing` is since when the receiver has taken
 * nothing, though it was tried; `trouble` what came of that last.
 */
export interface WebhookHealth {
  webhook: string;
  posted: number;
  /** When the last one was taken. */
  delivered?: string;
  failing?: string;
  trouble: string;
  waiting: number;
  given_up: number;
}

/** How posting goes: of each webhook of the tenant, since the sender that answers began. */
export interface WebhookHealthList {
  since: string;
  webhooks: WebhookHealth[];
}

/** There is no such webhook any more. */
export interface WebhookRemoved {
  webhook: string;
}

/** A webhook has a new secret, made of this event's cause; the one before counts for `overlap_seconds` more. */
export interface WebhookRotated {
  webhook: string;
  overlap_seconds: number;
}

/** The secret of a webhook, as Standard Webhooks spells it; it is written down nowhere else. */
export interface WebhookSecret {
  webhook: string;
  secret: string;
}

/**
 * A webhook of a tenant: what is posted where, and since when. `sequence` is the event that made it what it is.
 * `until`: so long the secret before its last one counts as well. `ended`: when its receiver has answered that it
 * wants nothing any more, with `reason`.
 */
export interface WebhookStatus {
  webhook: string;
  url: string;
  kinds: string[];
  by: string;
  since: string;
  sequence: number;
  until?: string;
  ended?: string;
  reason: string;
}

/** Posted by this webhook alone, to see whether it arrives. */
export interface WebhookTested {
  webhook: string;
}

/** How posting by the tenant's webhooks goes, by what the sender that answers has seen. */
export interface WebhooksQuestion {
}

/** Take an artifact out of the project; it is ARCHIVED and its needs count no more. */
export interface WithdrawArtifact {
  artifact: string;
  reason: string;
  fence?: number;
}

/** The settlement of the whole, read out of a settled run: never given, never received, so never of a part. */
export interface Wrap {
  maeg: string;
  graph: string;
  pdo_orch: PdoOrch;
  checkpoint: string;
}

/**
 * The whole is settled. It names no node and no list of them: a settlement of a part cannot be written down.
 * `checkpoint` is that of the ledger which covers the aggregation, as its size and its root in hex.
 */
export interface WrapOrchAccepted {
  maeg: string;
  root: string;
  checkpoint: string;
}

/** Every kind of event with what it says. */
export interface Events {
  "project.created": ProjectCreated;
  "project.transitioned": ProjectTransitioned;
  "project.stalled": ProjectStalled;
  "project.recovering": ProjectRecovering;
  "artifact.declared": ArtifactDeclared;
  "artifact.amended": ArtifactAmended;
  "artifact.withdrawn": ArtifactWithdrawn;
  "artifact.accepted": ArtifactAccepted;
  "conflict.detected": ConflictDetected;
  "conflict.cleared": ConflictCleared;
  "compatibility.started": CompatibilityStarted;
  "compatibility.checked": CompatibilityChecked;
  "resolution.requested": ResolutionRequested;
  "resolution.proposed": ResolutionProposed;
  "resolution.answered": ResolutionAnswered;
  "resolution.applied": ResolutionApplied;
  "resolution.refused": ResolutionRefused;
  "resolution.failed": ResolutionFailed;
  "waiver.expired": WaiverExpired;
  "slot.requested": SlotRequested;
  "slot.granted": SlotGranted;
  "slot.refused": SlotRefused;
  "slot.left": SlotLeft;
  "slot.renewed": SlotRenewed;
  "slot.finished": SlotFinished;
  "slot.failed": SlotFailed;
  "slot.expired": SlotExpired;
  "agent.silenced": AgentSilenced;
  "agent.returned": AgentReturned;
  "alert.raised": AlertRaised;
  "alert.acknowledged": AlertAcknowledged;
  "alert.cleared": AlertCleared;
  "letter.retried": LetterRetried;
  "letter.dropped": LetterDropped;
  "command.refused": CommandRefused;
  "subject.erased": SubjectErased;
  "hold.placed": HoldPlaced;
  "hold.released": HoldReleased;
  "retention.changed": RetentionChanged;
  "retention.applied": RetentionApplied;
  "maeg.created": MaegCreated;
  "subpac.issued": SubPacIssued;
  "subpac.dispatched": SubPacDispatched;
  "subpac.executed": SubPacExecuted;
  "subpac.failed": SubPacFailed;
  "subpac.reviewed": SubPacReviewed;
  "ber.generated": BerAgentGenerated;
  "pdo.finalized": PdoAgentFinalized;
  "pdo.aggregated": PdoOrchAggregated;
  "maeg.approved": MaegApproved;
  "wrap.accepted": WrapOrchAccepted;
  "maeg.abandoned": MaegAbandoned;
  "webhook.added": WebhookAdded;
  "webhook.changed": WebhookChanged;
  "webhook.removed": WebhookRemoved;
  "webhook.rotated": WebhookRotated;
  "webhook.tested": WebhookTested;
  "webhook.ended": WebhookEnded;
  "project.changed": ProjectChanged;
  "task.created": TaskCreated;
  "task.changed": TaskChanged;
  "task.archived": TaskArchived;
}

/** Every kind of command with what it asks for. */
export interface Commands {
  "project.create": CreateProject;
  "project.change": ChangeProject;
  "project.transition": TransitionProject;
  "task.create": CreateTask;
  "task.change": ChangeTask;
  "task.archive": ArchiveTask;
  "artifact.declare": DeclareArtifact;
  "artifact.amend": AmendArtifact;
  "artifact.withdraw": WithdrawArtifact;
  "conflict.resolve": ResolveConflict;
  "resolution.answer": AnswerResolution;
  "slot.request": RequestSlot;
  "slot.renew": RenewSlot;
  "slot.finish": FinishSlot;
  "slot.leave": LeaveQueue;
  "alert.acknowledge": AcknowledgeAlert;
  "letter.retry": RetryLetter;
  "letter.drop": DropLetter;
  "subject.erase": EraseSubject;
  "hold.place": PlaceHold;
  "hold.release": ReleaseHold;
  "retention.set": SetRetention;
  "maeg.submit": SubmitMaeg;
  "maeg.approve": ApproveMaeg;
  "maeg.abandon": AbandonMaeg;
  "subpac.report": ReportSubPac;
  "subpac.review": ReviewSubPac;
  "subpac.correct": CorrectSubPac;
  "webhook.add": AddWebhook;
  "webhook.change": ChangeWebhook;
  "webhook.remove": RemoveWebhook;
  "webhook.rotate": RotateWebhook;
  "webhook.test": TryWebhook;
}

/** An event of one kind, as it is stored. */
export type EventOf<K extends keyof Events> = Omit<EventEnvelope, "type" | "data"> & {
  type: `psmp.${K}.v1`;
  data: Events[K];
};

/** Any event: its `type` says of which kind. */
export type Event = { [K in keyof Events]: EventOf<K> }[keyof Events];
