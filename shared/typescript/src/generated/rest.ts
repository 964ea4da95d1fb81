// Written by `python -m tests.typings` from docs/openapi.json: do not change it by hand.

import type { Event } from "./contract.js";

/** At least one artifact was made, and all that were are accepted. */
export interface AcceptedCheck {
  check: "ARTIFACT_ACCEPTED";
}

/** Have events of the tenant's projects posted to `url`, from now on. Its secret is shown to who adds it, once. */
export interface AddWebhook {
  webhook: string;
  url: string;
  kinds?: readonly string[];
}

/** The agents of a project by id, as of `sequence`; `present` is what time it was then, to reckon with. */
export interface AgentList {
  items: AgentState[];
  sequence: number;
  present: string;
}

/** One agent's work in its lane: what it takes in and gives out, and by which checks its result is reviewed. */
export interface AgentNode {
  node: string;
  type: "AGENT_NODE";
  agent: string;
  agent_name?: string;
  lane: string;
  sub_pac: string;
  inputs?: { [name: string]: boolean | { [name: string]: unknown } };
  outputs?: { [name: string]: boolean | { [name: string]: unknown } };
  checks?: readonly (AcceptedCheck | ReportedCheck | HumanCheck)[];
}

/**
 * An agent of a project: what it has made, whether it runs, waits, or has fallen silent, and when it was heard.
 * `heard` is when NATS stored its last heartbeat, of the last day; `leaving`: it said with that one that it goes.
 */
export interface AgentState {
  agent: string;
  artifacts: string[];
  running: SlotStatus[];
  waiting: WaitingStatus[];
  silent: boolean;
  conflicts: string[];
  heard?: string;
  leaving: boolean;
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

/** A package that may be needed, in the versions of `constraint`; "" is any. */
export interface Allowance {
  name: string;
  constraint?: string;
  ecosystem?: "pypi" | "npm";
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

/** Who causes conflicts, how they end and how long that takes, as `psmp analytics -o json` prints it. */
export interface Analysis {
  position: number;
  moment?: string;
  agents: { [name: string]: unknown }[];
  subjects: { [name: string]: unknown }[];
  severities: { [name: string]: unknown }[];
  resolved: { [name: string]: unknown }[];
  days: { [name: string]: unknown }[];
  blocked: { [name: string]: unknown }[];
  refusals: { [name: string]: unknown }[];
  slots: { [name: string]: unknown }[];
  waits: { [name: string]: unknown }[];
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

/** Records, newest first. A page may be short of what was asked for: with a cursor there may be more behind it. */
export interface AuditPage {
  items: AuditRecord[];
  /** Give it as `cursor` for the next page; there is none without. */
  next_cursor?: string;
  /** How many events this list has not taken in yet. */
  behind: number;
}

/** A record of the audit trail of all projects. */
export interface AuditRecord {
  project: string;
  position: number;
  /** The RFC 6962 leaf hash of the event's exact bytes, in hex. */
  leaf: string;
  /** The event as it is stored: a CloudEvent, see the contract. */
  event: Event;
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

/** A sync point, or the aggregation, waits for a node: it opens when all for which it waits have passed. */
export interface BarrierEdge {
  from: string;
  to: string;
  constraint?: "BER_PASS_REQUIRED";
  type: "BARRIER";
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
 * Change what a project is called, must run in, and how it is governed; what is left out stays as it was. With
 * other `targets` all that stands declared is judged anew. For who governs the project.
 */
export interface ChangeProject {
  name?: string;
  targets?: readonly TargetInput[];
  policy?: PolicyChange;
  reason: string;
}

/** What changed in a project between two of its events. */
export interface Changes {
  project: string;
  at: Place;
  to: Place;
  differences: Difference[];
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

/** The checkpoints of a project, newest first. */
export interface CheckpointPage {
  items: CheckpointState[];
  /** Give it as `cursor` for the next page; there is none without. */
  next_cursor?: string;
}

/** What is signed of a project's log, newest first: its first `size` records have this `root`. */
export interface CheckpointState {
  /** Its number in the anchor log. */
  number: number;
  size: number;
  /** Base64, as in the note. */
  root: string;
  signed_at: string;
  /** The checkpoint as a C2SP signed note. */
  note: string;
}

/** One outcome under the root: its place in graph order is its place in `PdoOrch.children`. */
export interface Child {
  node: string;
  sub_pac: string;
  attempt: number;
  pdo: string;
}

/** One comparison that was made, over how many records, and whether it holds. */
export interface Compared {
  what: "chain" | "log" | "checkpoint";
  records: number;
  holds: boolean;
  text: string;
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

/**
 * A conflict from when it was told to what ended it; what is open has no end. `decided_by`: `policy` (the resolver
 * by itself), `governor` or `agent`.
 */
export interface ConflictSpan {
  project: string;
  conflict: string;
  type: string;
  ecosystem?: string;
  subject: string;
  severity: Severity;
  opened: string;
  opened_position: number;
  closed?: string;
  closed_position?: number;
  strategy?: string;
  decided_by?: string;
  actor?: string;
  seconds?: number;
}

/** Conflicts that were ever told, the newest first. */
export interface ConflictSpans {
  items: ConflictSpan[];
  /** Give it as `cursor` for the next page; there is none without. */
  next_cursor?: string;
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

/** That the log which the checkpoint covers begins with its first `since` records as they were (RFC 6962). */
export interface ConsistencyProof {
  project: string;
  since: number;
  size: number;
  /** Base64, as in the note. */
  root: string;
  /** The proof, base64. */
  hashes: string[];
  /** The checkpoint as a C2SP signed note. */
  note: string;
  /** The whole in the form of tlog-witness, as `psmp prove --since` prints it. */
  text: string;
}

/** A durable consumer: messages that it has yet to be given, and that it was given and has not settled. */
export interface ConsumerState {
  name: string;
  stream: string;
  service: string;
  behind: number;
  in_hand: number;
  /** Messages in hand that were delivered more than once. */
  again: number;
  /** Requests for messages that wait: 0 when nobody reads it. */
  asking: number;
}

/** How far a project's log is covered: `behind` of its `records` no checkpoint covers yet. */
export interface Coverage {
  project: string;
  records: number;
  behind: number;
  newest?: CheckpointState;
}

/** Every project's newest checkpoint, by project. */
export interface CoveragePage {
  items: Coverage[];
  /** Give it as `cursor` for the next page; there is none without. */
  next_cursor?: string;
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

/** Outputs of one node become inputs of another: `flows` says which output feeds which input. */
export interface DataFlowEdge {
  from: string;
  to: string;
  constraint?: "BER_PASS_REQUIRED";
  type: "DATA_FLOW";
  flows: { [name: string]: string };
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

/** One node waits for another. */
export interface DependencyEdge {
  from: string;
  to: string;
  constraint?: "BER_PASS_REQUIRED";
  type: "DEPENDENCY";
}

/** Something that is there now, is no more, or is otherwise. Of what has come or gone `fields` tell everything. */
export interface Difference {
  what: "project" | "policy" | "artifact" | "conflict" | "slot" | "waiting" | "resolution" | "waiver" | "alert" | "webhook" | "task";
  name: string;
  became: "added" | "removed" | "changed";
  fields: Field[];
}

/** A flow of which is not known whether what is given is taken; the graph may be submitted. */
export interface Doubt {
  pointer: string;
  detail: string;
  line: number;
  column: number;
}

/**
 * One thing that is wrong with a request: where (a JSON pointer, or the name of a parameter) and what. Of a graph
 * of agents also its code, for a cycle its nodes, the first again last, and the line and the column in what was
 * sent, which count from 1.
 */
export interface Error {
  pointer: string;
  detail: string;
  code?: string;
  line?: number;
  column?: number;
  cycle?: string[];
}

/** A page of a project's audit trail, in order; `opened` says of each sealed text in it what it says. */
export interface EventPage {
  items: StoredEvent[];
  /** Give it as `cursor` for the next page; there is none without. */
  next_cursor?: string;
  opened?: { [name: string]: string };
}

/** One thing that is said otherwise. Of lists `before` has what is gone, and `after` what has come. */
export interface Field {
  name: string;
  before?: unknown;
  after?: unknown;
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

/** The first record that does not hold. */
export interface Flawed {
  sequence: number;
  position: number;
  kind: string;
  expected: string;
  found: string;
}

/** Who takes the log into Postgres, and how many positions of it come after what it has. */
export interface FollowerState {
  name: string;
  position: number;
  behind: number;
}

/**
 * What would come of it, as of `sequence`. `does` is whether it would be done, `reason` why not. `cleared` are the
 * conflicts that it clears, `otherwise` those that would go on otherwise than they are, `blocking` those that would
 * block the project after it. `asked` are the owners of what it changes who would have to agree. `allowed`: whoever
 * asks may take it; else `deciding` may.
 */
export interface Foreseen {
  conflict: string;
  sequence: number;
  does: boolean;
  reason: string;
  changes: Change[];
  cleared: string[];
  otherwise: string[];
  blocking: string[];
  asked: string[];
  allowed: boolean;
  deciding: string[];
}

/** A node at which nobody works: the root, a sync point, the aggregation or the end. */
export interface Gate {
  node: string;
  type: "ORCH_ROOT" | "SYNC_POINT" | "AGGREGATION" | "TERMINAL";
}

/** A graph that can be submitted, and what of it is not proved. */
export interface GraphJudged {
  id: string;
  pac: string;
  graph_digest: string;
  /** How many agent nodes it has. */
  agents: number;
  edges: number;
  doubts: Doubt[];
}

/** A person's word on the result of a node that waits for one of that role. */
export interface GraphReview {
  role: string;
  agrees: boolean;
  reason: string;
}

/** A person of that role agrees, within so many seconds from when the result was there. */
export interface HumanCheck {
  check: "HUMAN_REVIEW";
  role: string;
  seconds: number;
}

/** That a record is number `index` (from 0) of the log that the checkpoint covers (RFC 6962). */
export interface InclusionProof {
  project: string;
  sequence: number;
  index: number;
  size: number;
  /** The RFC 6962 leaf hash of the event's exact bytes, in hex. */
  leaf: string;
  /** Base64, as in the note. */
  root: string;
  /** The audit path, base64. */
  hashes: string[];
  /** The checkpoint as a C2SP signed note. */
  note: string;
  /** The whole as a C2SP tlog-proof, as `psmp prove` prints it. */
  text: string;
}

/** One process of a service, and when it was heard last. */
export interface InstanceState {
  instance: string;
  heard: string;
  leaving: boolean;
}

/** A way out as it would be asked for; the reason may be left out. Nothing of it is kept. */
export interface Intention {
  strategy: "accept" | "change" | "merge" | "waive" | "escalate" | "retry" | "accept-suggestion" | "override";
  suggestion?: number;
  changes?: readonly Change[];
  into?: string;
  seconds?: number;
  seen?: number;
  reason?: string;
}

/** An API key to sign in with. */
export interface KeyShown {
  key: string;
}

/** A kind of work: the paths and the types of artifacts that belong to it; left out is any. */
export interface Lane {
  lane: string;
  paths?: readonly string[];
  types?: readonly ("code" | "config" | "model" | "data" | "plan" | "analysis")[];
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

/** How to sign in: with an API key (`POST /session`); by going to `begin` with the browser. */
export interface Logins {
  key: boolean;
  begin?: string;
}

/** The whole graph, `MAEG-{pac}`. That it is read says nothing yet about whether it can be run. */
export interface Maeg {
  version: "1.0.0";
  maeg: string;
  pac: Pac;
  nodes: readonly (AgentNode | Gate)[];
  sub_pacs: readonly SubPac[];
  edges: readonly (DependencyEdge | DataFlowEdge | BarrierEdge)[];
}

/** Who needs a package, why, and which event says so. */
export interface Need {
  artifact: string;
  agent: string;
  /** That of the artifact: DRAFT or ACTIVE. */
  status: string;
  version: number;
  /** The event that declared it. */
  sequence: number;
  time: string;
  need: Dependency;
}

/** A project to be created; without a name it is called as its id. */
export interface NewProject {
  name?: string;
  targets?: readonly TargetInput[];
  policy?: PolicyInput;
  project: string;
}

/**
 * The versions that the parties of a conflict admit; `points` are the ends of all stretches, in ascending order.
 * There are no `lanes` where the conflict is not about the versions of one package or of Python. `common` is what
 * all parties admit at once.
 */
export interface NumberLine {
  subject: string;
  points: string[];
  lanes: VersionLane[];
  common: Stretch[];
  ways: WayOut[];
}

/** How what PSMP runs on stands; it is the same for every tenant. */
export interface OperationsState {
  /** The newest event that the gateway knows of. */
  position: number;
  /** `well`, or why nothing is decided; empty while nobody said. */
  standing: string;
  services: ServiceState[];
  consumers: ConsumerState[];
  streams: StreamState[];
  followers: FollowerState[];
  /** Live readers of this gateway. */
  readers: number;
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

/** Graphs of agents, project by project, in each the oldest first. */
export interface OrchestrationPage {
  items: OrchestrationLine[];
  /** Give it as `cursor` for the next page; there is none without. */
  next_cursor?: string;
  /** How many events this list has not taken in yet. */
  behind: number;
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

/**
 * The parent assignment. A node may fail `attempts` times; then a person has to say what becomes of it. `approver`
 * is the role of the person who must agree before the whole is settled, where one must.
 */
export interface Pac {
  pac: string;
  title?: string;
  scope?: Scope;
  lanes: readonly Lane[];
  attempts?: number;
  approver?: string;
}

/** A package with everybody who needs it, and the open conflicts about it. */
export interface Package {
  ecosystem: string;
  name: string;
  needs: Need[];
  conflicts: string[];
}

/** The packages that a project needs, by name, as of `sequence`. */
export interface PackageList {
  items: Package[];
  sequence: number;
  time: string;
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

/** All outcomes of a graph, in graph order, and their root. */
export interface PdoOrch {
  maeg: string;
  root: string;
  children: Child[];
}

/** Seconds from a declaration to its verdict. */
export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
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

/** A position in a project's log, and when that was. */
export interface Place {
  sequence: number;
  time: string;
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

/** One stretch of time, from `begin` on: what was written in it, and what was declared in it and judged. */
export interface Point {
  begin: string;
  events: number;
  declarations: number;
  refusals: number;
  verdicts: number;
  contested: number;
  seconds?: Percentiles;
  conflicts?: { [name: string]: number };
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

/** One outcome, its place in the tree, and the proof (RFC 6962) from the leaf up that it stands under the root. */
export interface Proven {
  node: string;
  index: number;
  pdo: string;
  proof: string[];
}

/** Ask for another term before the one that runs is over; `fence` says of which slot, if there are several. */
export interface RenewSlot {
  fence?: number;
}

/** What the record says about each control of a framework, as `psmp report -o json` prints it. */
export interface ReportDocument {
  framework: string;
  holds: boolean;
  report: { [name: string]: unknown };
}

/** At least so many tests are reported, and none of them failed. */
export interface ReportedCheck {
  check: "TESTS_REPORTED";
  least?: number;
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

/**
 * Resolve a conflict. `accept` takes `suggestion`, `change` the `changes` given, `merge` leaves the path to the
 * artifact `into`, which has everybody's change of it; `waive` lets the conflict stand for `seconds`; `escalate`
 * lays it before a person; `retry` asks the resolver to try (again). `seen` is the sequence at which the conflict
 * was looked at: when it has changed since, nothing is done. `accept-suggestion` is `accept`, `override` is
 * `change`.
 */
export interface Resolution {
  strategy: "accept" | "change" | "merge" | "waive" | "escalate" | "retry" | "accept-suggestion" | "override";
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

/** What a key is for; the gateway says what each may do. */
export type Role = "viewer" | "agent" | "resolver" | "operator" | "auditor" | "admin";

/** For how long the old secret of a webhook goes on beside the new one. */
export interface Rotation {
  overlap_seconds?: number;
}

/**
 * What an assignment may touch, need, use, spend and take. What is left out is the parent's; a parent's is any.
 * `paths` are files, or folders with `/` at their end. An empty list allows nothing. `budget_micros` are millionths
 * of whatever money the project reckons in; it and `seconds` are for one attempt of one node, and of the PAC the
 * budget is for all attempts together too.
 */
export interface Scope {
  paths?: readonly string[];
  dependencies?: readonly Allowance[];
  tools?: readonly string[];
  budget_micros?: number;
  seconds?: number;
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

/** A command that is stored and will be decided; nothing else is known of it yet. */
export interface Sent {
  command_id: string;
  /** Its place among the commands, where that is known. */
  position?: number;
  hint: string;
}

/** Figures over time, without a gap: `since` <= time < `until`, each point for `stretch`. */
export interface Series {
  since: string;
  until: string;
  stretch: "minute" | "hour" | "day";
  items: Point[];
  /** How many events these figures have not taken in yet. */
  behind: number;
}

/** A service with those of its processes that were heard within a day. */
export interface ServiceState {
  service: string;
  /** Processes that were heard within 75 s and are not leaving. */
  alive: number;
  instances: InstanceState[];
}

/** Who is let in, with what, and what it may do. */
export interface Session {
  agent: string;
  tenant: string;
  role: Role;
  /** The only ones that it sees; left out: all. */
  projects?: string[];
  permissions: string[];
  privileged: boolean;
  how: "key" | "token" | "session";
  expires: string;
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
  webhooks: WebhookStatus[];
  tasks: Planned[];
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

/** A stream of NATS. */
export interface StreamState {
  name: string;
  messages: number;
  bytes: number;
}

/** Versions that hang together; without a `lower` or an `upper` there is no end on that side. */
export interface Stretch {
  lower?: string;
  upper?: string;
  with_lower: boolean;
  with_upper: boolean;
}

/** One node's assignment, `Sub-PAC-{PAC}-A{n}`: what is to be done, within which narrower scope. */
export interface SubPac {
  sub_pac: string;
  task?: string;
  scope?: Scope;
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
 * Change a task; what is left out stays as it was. An empty `agent` leaves it to whoever takes it. What is handed
 * on is OPEN again, unless `status` says otherwise. It becomes DONE only when all that shall come of it is declared
 * and ACTIVE.
 */
export interface TaskChange {
  title?: string;
  details?: string;
  agent?: string | "";
  artifacts?: readonly string[];
  status?: "OPEN" | "IN_PROGRESS" | "DONE";
  reason?: string;
}

/** Tasks of a project by id, as of `sequence`. */
export interface TaskPage {
  items: TaskState[];
  sequence: number;
  /** Give it as `cursor` for the next page; there is none without. */
  next_cursor?: string;
}

/**
 * What somebody is asked to do, and how far it is. `work` is planned: `by` has made it, at `since`, for `agent` or
 * for whoever takes it; `artifacts` shall come of it; `sequence` and `time` are those of the event that made it
 * what it is, and `reason` what was said with that. The others are OPEN for as long as they are there. `answer`:
 * `agent` is to agree to `resolution`, which makes `changes`, `until` then. `resolve`: it is to find a way out of
 * `conflict`, which event `sequence` made what it is.
 */
export interface TaskState {
  task: string;
  kind: "work" | "answer" | "resolve";
  status: "OPEN" | "IN_PROGRESS" | "DONE" | "ARCHIVED";
  title: string;
  details: string;
  agent?: string;
  artifacts: string[];
  by?: string;
  since?: string;
  sequence: number;
  time?: string;
  reason: string;
  conflict?: Conflict;
  resolution?: string;
  changes: Change[];
  until?: string;
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

/** What came of verifying a project's record now: `compared` says what was held against what. */
export interface Verification {
  project: string;
  holds: boolean;
  records: number;
  /** The leaf hash of the last record that holds. */
  head: string;
  position: number;
  /** Records of the log that the ledger had not come to yet. */
  ahead: number;
  pruned: number;
  compared: Compared[];
  fault?: Flawed;
  checkpoint?: CheckpointState;
  seconds: number;
}

/** What one party admits. It has no `stretches` where it is no set of versions, but one place: a reference. */
export interface VersionLane {
  artifact: string;
  agent: string;
  constraint: string;
  /** In ascending order. */
  stretches: Stretch[];
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

/** The lanes that suggestion `n` changes, as they would be; `leaves` are the artifacts that go elsewhere. */
export interface WayOut {
  n: number;
  lanes: VersionLane[];
  leaves: string[];
  common: Stretch[];
}

/** Change a webhook; what is left out stays as it was. One that has ended begins anew. */
export interface WebhookChange {
  url?: string;
  kinds?: readonly string[];
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

/** The webhooks of the tenant by name; `health_since` is since when the sender has seen how posting goes. */
export interface WebhookList {
  items: WebhookState[];
  health_since?: string;
}

/** What became of a webhook, and its secret, shown once; where it is not known, `hint` says what to do. */
export interface WebhookMade {
  command_id: string;
  position: number;
  sequence: number;
  /** The event as it is stored: a CloudEvent, see the contract. */
  event: Event;
  /** The signed promise that this very event is in the log. */
  receipt?: string;
  webhook: string;
  secret?: string;
  hint?: string;
}

/** A webhook; `health` is how posting goes as the sender sees it, left out where none answers. */
export interface WebhookState {
  webhook: string;
  url: string;
  kinds: string[];
  by: string;
  since: string;
  sequence: number;
  until?: string;
  ended?: string;
  reason: string;
  health?: WebhookHealth;
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

/** The settlement of the whole, read out of a settled run: never given, never received, so never of a part. */
export interface Wrap {
  maeg: string;
  graph: string;
  pdo_orch: PdoOrch;
  checkpoint: string;
}

export interface ProjectsListingQuery {
  limit?: number;
  cursor?: string;
  state?: readonly Phase[];
  name?: string;
}

export interface ProjectsReadingQuery {
  sequence?: number;
  time?: string;
}

export interface ProjectsEventsQuery {
  limit?: number;
  cursor?: string;
  kind?: readonly string[];
  after?: number;
  order?: "asc" | "desc";
}

export interface ProjectsDiffQuery {
  at?: number;
  to?: number;
  since?: string;
  until?: string;
}

export interface ProjectsDependenciesQuery {
  sequence?: number;
  time?: string;
}

export interface LedgerCoveredQuery {
  limit?: number;
  cursor?: string;
}

export interface LedgerCheckpointsQuery {
  limit?: number;
  cursor?: string;
}

export interface LedgerConsistencyQuery {
  since: number;
  to?: number;
}

export interface ComplianceAuditQuery {
  limit?: number;
  cursor?: string;
  project?: string;
  kind?: readonly string[];
  agent?: string;
  since?: string;
  until?: string;
  of?: string;
  text?: string;
}

export interface ComplianceExportQuery {
  since?: string;
  until?: string;
  project?: string;
  format?: "json" | "csv" | "jsonl";
  agent?: string;
  kind?: string;
  signed?: boolean;
}

export interface ComplianceReportQuery {
  since?: string;
  until?: string;
  framework: "soc2" | "gdpr" | "hipaa";
}

export interface FiguresAnalyticsQuery {
  since?: string;
  until?: string;
  project?: string;
}

export interface FiguresActivityQuery {
  since?: string;
  until?: string;
  project?: string;
  stretch?: "minute" | "hour" | "day";
}

export interface FiguresConflictsQuery {
  limit?: number;
  cursor?: string;
  project?: string;
  severity?: Severity;
  type?: "version" | "python" | "reference" | "path" | "transitive" | "no-version";
  open?: boolean;
  since?: string;
  until?: string;
}

export interface ArtifactsListingQuery {
  limit?: number;
  cursor?: string;
  agent?: string;
  type?: "code" | "config" | "model" | "data" | "plan" | "analysis";
  status?: string;
  package?: string;
}

export interface TasksListingQuery {
  limit?: number;
  cursor?: string;
  kind?: readonly ("work" | "answer" | "resolve")[];
  agent?: string;
  status?: readonly ("OPEN" | "IN_PROGRESS" | "DONE" | "ARCHIVED")[];
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

export interface GovernanceRangesQuery {
  project: string;
}

export interface GovernancePreviewQuery {
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

export interface OrchestrationsEverywhereQuery {
  limit?: number;
  cursor?: string;
  state?: "OPEN" | "AGGREGATED" | "SETTLED" | "ABANDONED";
  waiting?: boolean;
  project?: string;
}

export interface OrchestrationsListingQuery {
  limit?: number;
  cursor?: string;
  state?: "OPEN" | "AGGREGATED" | "SETTLED" | "ABANDONED";
  waiting?: boolean;
}

export interface OrchestrationsReadingQuery {
  sequence?: number;
  time?: string;
  format?: "json" | "mermaid";
}

export interface SessionBeginQuery {
  next?: string;
}

export interface SessionFinishQuery {
  code?: string;
  state?: string;
  error?: string;
}

/** The stable codes of problems that are known now. */
export type ProblemCode =
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "METHOD_NOT_ALLOWED"
  | "NOT_ACCEPTABLE"
  | "INVALID"
  | "TOO_LARGE"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "KEY_REUSED"
  | "NO_SUCH_PAST"
  | "NOT_COVERED"
  | "NOT_GRANTED"
  | "NOT_PLANNED"
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
  | "PRECONDITION_FAILED"
  | "INVALID_GRAPH"
  | "GRAPH_EXISTS"
  | "UNKNOWN_GRAPH"
  | "NO_ASSIGNMENT"
  | "TOKEN_INVALID"
  | "TOKEN_EXPIRED"
  | "TOKEN_SPENT"
  | "WEBHOOK_EXISTS"
  | "UNKNOWN_WEBHOOK"
  | "TOO_MANY_WEBHOOKS"
  | "WRONG_PROJECT"
  | "TASK_EXISTS"
  | "UNKNOWN_TASK"
  | "TOO_MANY_TASKS"
  | "GS_200"
  | "GS_201"
  | "GS_202"
  | "GS_203"
  | "GS_204"
  | "GS_205"
  | "GS_206"
  | "GS_207"
  ;

/** Every route: what it takes and what it answers. */
export interface Operations {
  /** List the projects that the key sees, by id, all of them or by state and name */
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
  /** Say how a project stands, now or as of an event or a time; the ETag is the sequence of its last event */
  projects_reading: {
    path: { project: string };
    query: ProjectsReadingQuery;
    body: undefined;
    told: Status;
    sent: never;
  };
  /** Change what a project is called, must run in, and how it is governed; what is left out stays as it was */
  projects_change: {
    path: { project: string };
    query: undefined;
    body: ChangeProject;
    told: Outcome;
    sent: Sent;
  };
  /** Archive a project, finished or given up, with the reason: nothing is done in it any more */
  projects_archive: {
    path: { project: string };
    query: undefined;
    body: Because;
    told: Outcome;
    sent: Sent;
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
  /** Say what changed in a project between two events or times, or since one of them */
  projects_diff: {
    path: { project: string };
    query: ProjectsDiffQuery;
    body: undefined;
    told: Changes;
    sent: never;
  };
  /** List the packages that a project needs, who needs them and why, now or as of an event or a time */
  projects_dependencies: {
    path: { project: string };
    query: ProjectsDependenciesQuery;
    body: undefined;
    told: PackageList;
    sent: never;
  };
  /** List how far checkpoints cover the log of every project that the key sees, with the newest one, by project */
  ledger_covered: {
    path: undefined;
    query: LedgerCoveredQuery;
    body: undefined;
    told: CoveragePage;
    sent: never;
  };
  /** List the checkpoints of a project's log, newest first */
  ledger_checkpoints: {
    path: { project: string };
    query: LedgerCheckpointsQuery;
    body: undefined;
    told: CheckpointPage;
    sent: never;
  };
  /** Give the newest checkpoint of a project's log as the signed note that it is (C2SP tlog-checkpoint) */
  ledger_newest: {
    path: { project: string };
    query: undefined;
    body: undefined;
    told: undefined;
    sent: never;
  };
  /** Prove that an event is in the ledger; as `text/plain` the C2SP tlog-proof, to be kept and checked offline */
  ledger_inclusion: {
    path: { project: string; sequence: number };
    query: undefined;
    body: undefined;
    told: InclusionProof;
    sent: never;
  };
  /** Prove that the log extends what it was at an earlier size; as `text/plain` in the form of tlog-witness */
  ledger_consistency: {
    path: { project: string };
    query: LedgerConsistencyQuery;
    body: undefined;
    told: ConsistencyProof;
    sent: never;
  };
  /** Verify a project's record now: every event in the ledger, against the log, and against the newest checkpoint */
  ledger_verify: {
    path: { project: string };
    query: undefined;
    body: undefined;
    told: Verification;
    sent: never;
  };
  /** Search the audit trail of all projects that the key sees, newest first */
  compliance_audit: {
    path: undefined;
    query: ComplianceAuditQuery;
    body: undefined;
    told: AuditPage;
    sent: never;
  };
  /**
   * Export the record: as one JSON document or a CSV table of what is chosen, or as a bundle that can be verified
   */
  compliance_export: {
    path: undefined;
    query: ComplianceExportQuery;
    body: undefined;
    told: undefined;
    sent: never;
  };
  /** Say what the record shows of each control of SOC 2, GDPR or HIPAA, and what not; as `text/markdown` to read */
  compliance_report: {
    path: undefined;
    query: ComplianceReportQuery;
    body: undefined;
    told: ReportDocument;
    sent: never;
  };
  /** Say who causes which share of the conflicts, how they end and how long that takes, refusals, slots and waits */
  figures_analytics: {
    path: undefined;
    query: FiguresAnalyticsQuery;
    body: undefined;
    told: Analysis;
    sent: never;
  };
  /** Say how much went on, how soon verdicts came, and how many conflicts there were, minute by minute or by day */
  figures_activity: {
    path: undefined;
    query: FiguresActivityQuery;
    body: undefined;
    told: Series;
    sent: never;
  };
  /** List every conflict that there ever was: when it was told, what ended it, who decided that, how long it took */
  figures_conflicts: {
    path: undefined;
    query: FiguresConflictsQuery;
    body: undefined;
    told: ConflictSpans;
    sent: never;
  };
  /**
   * Say how what PSMP runs on stands: services, consumers and how far behind they are, streams, who follows the log
   */
  figures_operations: {
    path: undefined;
    query: undefined;
    body: undefined;
    told: OperationsState;
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
  /** List the agents of a project: what each has made, whether it runs or waits, and when it was last heard */
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
  /**
   * List what is to be done in a project, by id: what is planned, and what agents are asked to do about conflicts
   */
  tasks_listing: {
    path: { project: string };
    query: TasksListingQuery;
    body: undefined;
    told: TaskPage;
    sent: never;
  };
  /** Plan a task, for an agent or for whoever takes it */
  tasks_create: {
    path: { project: string };
    query: undefined;
    body: CreateTask;
    told: Outcome;
    sent: Sent;
  };
  /** Say what a task is and how far; the ETag is the sequence of the event that made it what it is */
  tasks_reading: {
    path: { project: string; task: string };
    query: undefined;
    body: undefined;
    told: TaskState;
    sent: never;
  };
  /** Change a planned task, take it or say that it is done; what is left out stays as it was */
  tasks_change: {
    path: { project: string; task: string };
    query: undefined;
    body: TaskChange;
    told: Outcome;
    sent: Sent;
  };
  /** Take a planned task off the list, with the reason */
  tasks_archive: {
    path: { project: string; task: string };
    query: undefined;
    body: Because;
    told: Outcome;
    sent: Sent;
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
  /** Lay the versions that each party of a conflict admits on one line, and what a suggestion would change there */
  governance_ranges: {
    path: { conflict: string };
    query: GovernanceRangesQuery;
    body: undefined;
    told: NumberLine;
    sent: never;
  };
  /** Say what would come of a way out of a conflict, and whether the caller may take it; nothing is done */
  governance_preview: {
    path: { conflict: string };
    query: GovernancePreviewQuery;
    body: Intention;
    told: Foreseen;
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
  /** List the webhooks of the tenant by name, and how posting goes as the sender sees it */
  webhooks_listing: {
    path: undefined;
    query: undefined;
    body: undefined;
    told: WebhookList;
    sent: never;
  };
  /** Add a webhook: what happens from now on is posted to it. The answer has its secret, which is shown once */
  webhooks_add: {
    path: undefined;
    query: undefined;
    body: AddWebhook;
    told: WebhookMade;
    sent: Sent;
  };
  /** Say what a webhook is and how posting goes; the ETag is the sequence of the event that made it what it is */
  webhooks_reading: {
    path: { webhook: string };
    query: undefined;
    body: undefined;
    told: WebhookState;
    sent: never;
  };
  /** Change where a webhook goes, or what it is told; one that has ended begins anew */
  webhooks_change: {
    path: { webhook: string };
    query: undefined;
    body: WebhookChange;
    told: Outcome;
    sent: Sent;
  };
  /** Have nothing more posted by a webhook */
  webhooks_remove: {
    path: { webhook: string };
    query: undefined;
    body: undefined;
    told: Outcome;
    sent: Sent;
  };
  /** Give a webhook a new secret, which the answer has, once; for a while the old one goes on beside it */
  webhooks_rotate: {
    path: { webhook: string };
    query: undefined;
    body: Rotation;
    told: WebhookMade;
    sent: Sent;
  };
  /** Have an event posted by this webhook alone, signed as every other; GET shows whether it was taken */
  webhooks_try_out: {
    path: { webhook: string };
    query: undefined;
    body: undefined;
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
  /** List the graphs of agents of one project or of all. A page never ends inside a project */
  orchestrations_everywhere: {
    path: undefined;
    query: OrchestrationsEverywhereQuery;
    body: undefined;
    told: OrchestrationPage;
    sent: never;
  };
  /** Judge a graph as it is when it is submitted: every fault at once; nothing is registered */
  orchestrations_check: {
    path: undefined;
    query: undefined;
    body: Maeg;
    told: GraphJudged;
    sent: never;
  };
  /** List the graphs of agents of a project, the oldest first */
  orchestrations_listing: {
    path: { project: string };
    query: OrchestrationsListingQuery;
    body: undefined;
    told: OrchestrationPage;
    sent: never;
  };
  /** Register a graph of agents, as JSON or YAML; its first nodes are dispatched at once */
  orchestrations_submit: {
    path: { project: string };
    query: undefined;
    body: Maeg;
    told: Outcome;
    sent: Sent;
  };
  /**
   * Say how a graph stands, now or as of an event or a time; the ETag is the sequence of the last that changed it
   */
  orchestrations_reading: {
    path: { project: string; maeg: string };
    query: OrchestrationsReadingQuery;
    body: undefined;
    told: Orchestration;
    sent: never;
  };
  /** Say what settled a graph (WRAP): every outcome, their root, the proof of each, the checkpoint of the ledger */
  orchestrations_settlement: {
    path: { project: string; maeg: string };
    query: undefined;
    body: undefined;
    told: Settlement;
    sent: never;
  };
  /** Agree that the whole is settled, where a person must */
  orchestrations_approve: {
    path: { project: string; maeg: string };
    query: undefined;
    body: Because;
    told: Outcome;
    sent: Sent;
  };
  /** Give a graph up: nothing of it is done any more, and nothing of it is settled */
  orchestrations_abandon: {
    path: { project: string; maeg: string };
    query: undefined;
    body: Because;
    told: Outcome;
    sent: Sent;
  };
  /** Say as a person of a role whether the result of a node is good, where it waits for one */
  orchestrations_review: {
    path: { project: string; maeg: string; node: string };
    query: undefined;
    body: GraphReview;
    told: Outcome;
    sent: Sent;
  };
  /** Have a node done once more that has failed too often, or is done */
  orchestrations_correct: {
    path: { project: string; maeg: string; node: string };
    query: undefined;
    body: Because;
    told: Outcome;
    sent: Sent;
  };
  /** Say who is signed in, or whose key or token was shown, and what it may do */
  session_current: {
    path: undefined;
    query: undefined;
    body: undefined;
    told: Session;
    sent: never;
  };
  /** Sign in with an API key: the answer sets a cookie that no script can read, and the key is not kept */
  session_open: {
    path: undefined;
    query: undefined;
    body: KeyShown;
    told: Session;
    sent: never;
  };
  /** Sign out: the session is over at every gateway within seconds, and its cookie gone */
  session_close: {
    path: undefined;
    query: undefined;
    body: undefined;
    told: undefined;
    sent: never;
  };
  /** Sign in with the issuer: the browser is sent there, and comes back signed in */
  session_begin: {
    path: undefined;
    query: SessionBeginQuery;
    body: undefined;
    told: undefined;
    sent: never;
  };
  /** Take back a browser that has signed in with the issuer */
  session_finish: {
    path: undefined;
    query: SessionFinishQuery;
    body: undefined;
    told: undefined;
    sent: never;
  };
  /** Say how to sign in here: with an API key, with the issuer, or both */
  session_logins: {
    path: undefined;
    query: undefined;
    body: undefined;
    told: Logins;
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
  projects_change: ["PATCH", "/projects/{project}"],
  projects_archive: ["DELETE", "/projects/{project}"],
  projects_transition: ["POST", "/projects/{project}/transition"],
  projects_events: ["GET", "/projects/{project}/events"],
  projects_diff: ["GET", "/projects/{project}/diff"],
  projects_dependencies: ["GET", "/projects/{project}/dependencies"],
  ledger_covered: ["GET", "/checkpoints"],
  ledger_checkpoints: ["GET", "/projects/{project}/checkpoints"],
  ledger_newest: ["GET", "/projects/{project}/checkpoints/newest"],
  ledger_inclusion: ["GET", "/projects/{project}/proofs/inclusion/{sequence}"],
  ledger_consistency: ["GET", "/projects/{project}/proofs/consistency"],
  ledger_verify: ["POST", "/projects/{project}/verify"],
  compliance_audit: ["GET", "/governance/compliance/audit"],
  compliance_export: ["GET", "/governance/compliance/export"],
  compliance_report: ["GET", "/governance/compliance/report"],
  figures_analytics: ["GET", "/analytics"],
  figures_activity: ["GET", "/analytics/activity"],
  figures_conflicts: ["GET", "/analytics/conflicts"],
  figures_operations: ["GET", "/operations"],
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
  tasks_listing: ["GET", "/projects/{project}/tasks"],
  tasks_create: ["POST", "/projects/{project}/tasks"],
  tasks_reading: ["GET", "/projects/{project}/tasks/{task}"],
  tasks_change: ["PATCH", "/projects/{project}/tasks/{task}"],
  tasks_archive: ["DELETE", "/projects/{project}/tasks/{task}"],
  governance_respond: ["POST", "/projects/{project}/resolutions/{resolution}/answer"],
  governance_conflicts: ["GET", "/governance/conflicts"],
  governance_conflict: ["GET", "/governance/conflicts/{conflict}"],
  governance_ranges: ["GET", "/governance/conflicts/{conflict}/ranges"],
  governance_preview: ["POST", "/governance/conflicts/{conflict}/preview"],
  governance_resolve: ["POST", "/governance/conflicts/{conflict}/resolve"],
  governance_blocking: ["GET", "/governance/blocking-report"],
  operations_alerts: ["GET", "/alerts"],
  operations_acknowledge: ["POST", "/alerts/{alert}/acknowledge"],
  operations_letters: ["GET", "/dead-letters"],
  operations_retry: ["POST", "/dead-letters/{letter}/retry"],
  operations_drop: ["POST", "/dead-letters/{letter}/drop"],
  webhooks_listing: ["GET", "/webhooks"],
  webhooks_add: ["POST", "/webhooks"],
  webhooks_reading: ["GET", "/webhooks/{webhook}"],
  webhooks_change: ["PATCH", "/webhooks/{webhook}"],
  webhooks_remove: ["DELETE", "/webhooks/{webhook}"],
  webhooks_rotate: ["POST", "/webhooks/{webhook}/rotate"],
  webhooks_try_out: ["POST", "/webhooks/{webhook}/test"],
  live_stream: ["GET", "/events/stream"],
  orchestrations_everywhere: ["GET", "/orchestrations"],
  orchestrations_check: ["POST", "/orchestrations/check"],
  orchestrations_listing: ["GET", "/projects/{project}/orchestrations"],
  orchestrations_submit: ["POST", "/projects/{project}/orchestrations"],
  orchestrations_reading: ["GET", "/projects/{project}/orchestrations/{maeg}"],
  orchestrations_settlement: ["GET", "/projects/{project}/orchestrations/{maeg}/wrap"],
  orchestrations_approve: ["POST", "/projects/{project}/orchestrations/{maeg}/approve"],
  orchestrations_abandon: ["POST", "/projects/{project}/orchestrations/{maeg}/abandon"],
  orchestrations_review: ["POST", "/projects/{project}/orchestrations/{maeg}/nodes/{node}/review"],
  orchestrations_correct: ["POST", "/projects/{project}/orchestrations/{maeg}/nodes/{node}/correct"],
  session_current: ["GET", "/session"],
  session_open: ["POST", "/session"],
  session_close: ["DELETE", "/session"],
  session_begin: ["GET", "/session/login"],
  session_finish: ["GET", "/session/callback"],
  session_logins: ["GET", "/logins"],
  operations_kinds: ["GET", "/problems"],
  operations_health: ["GET", "/health"],
} as const satisfies { [name in keyof Operations]: readonly [string, string] };
