// What can be asked and said over HTTP: methods that are one route each, and two that reach any.
import type { Operations } from "./generated/rest.js";
import { type Asked, Http, type How, type Place, type Told } from "./http.js";
import { type Following, Live } from "./live.js";

type Body<K extends keyof Operations> = Operations[K]["body"];
type Query<K extends keyof Operations> = Operations[K]["query"];
type Answer<K extends keyof Operations> = Promise<Operations[K]["told"]>;

/** A gateway, spoken to with one key. */
export class Psmp {
  readonly #place: Place;
  readonly #http: Http;

  constructor(place: Place) {
    this.#place = place;
    this.#http = new Http(place);
  }

  /** The same in another agent's name; for admins alone. */
  as(agent: string): Psmp {
    return new Psmp({ ...this.#place, agent });
  }

  /** One project; nothing is asked by this. */
  project(name: string): Project {
    return new Project(this.#http, name);
  }

  /** Ask by any route, also by one that has no method here: `psmp.ask("projects_listing", { query: { limit: 10 } })`. */
  ask<K extends keyof Operations>(route: K, asked: Asked<K> = {}): Answer<K> {
    return this.#http.ask(route, asked);
  }

  /** Send a command by any route. */
  say<K extends keyof Operations, H extends How>(route: K, asked: Asked<K>, how?: H): Promise<Told<K, H>> {
    return this.#http.say(route, asked, how);
  }

  health(): Answer<"operations_health"> {
    return this.#http.ask("operations_health", {}, { also: [503] });
  }

  /** Every code that a problem can have. */
  problems(): Answer<"operations_kinds"> {
    return this.#http.ask("operations_kinds");
  }

  /** The projects by id; some of them by `{ state: ["BLOCKED"], name: "rag" }`. */
  projects(query: Query<"projects_listing"> = {}): Answer<"projects_listing"> {
    return this.#http.ask("projects_listing", { query });
  }

  create<H extends How>(body: Body<"projects_create">, how?: H): Promise<Told<"projects_create", H>> {
    return this.#http.say("projects_create", { body }, how);
  }

  /** Open conflicts with their evidence, of one project or of all. */
  conflicts(query: Query<"governance_conflicts"> = {}): Answer<"governance_conflicts"> {
    return this.#http.ask("governance_conflicts", { query });
  }

  /** What blocks which projects, and every way out as a request that can be sent. */
  blockingReport(query: Query<"governance_blocking"> = {}): Answer<"governance_blocking"> {
    return this.#http.ask("governance_blocking", { query });
  }

  alerts(query: Query<"operations_alerts"> = {}): Answer<"operations_alerts"> {
    return this.#http.ask("operations_alerts", { query });
  }

  deadLetters(query: Query<"operations_letters"> = {}): Answer<"operations_letters"> {
    return this.#http.ask("operations_letters", { query });
  }

  retryLetter<H extends How>(
    letter: number,
    body: Body<"operations_retry">,
    how?: H,
  ): Promise<Told<"operations_retry", H>> {
    return this.#http.say("operations_retry", { path: { letter }, body }, how);
  }

  dropLetter<H extends How>(
    letter: number,
    body: Body<"operations_drop">,
    how?: H,
  ): Promise<Told<"operations_drop", H>> {
    return this.#http.say("operations_drop", { path: { letter }, body }, how);
  }

  /** How far the signed checkpoints cover each project. */
  checkpoints(query: Query<"ledger_covered"> = {}): Answer<"ledger_covered"> {
    return this.#http.ask("ledger_covered", { query });
  }

  /** The audit trail of all projects, by who, what and when. */
  audit(query: Query<"compliance_audit"> = {}): Answer<"compliance_audit"> {
    return this.#http.ask("compliance_audit", { query });
  }

  /** What the record says about the controls of a framework: `{ framework: "soc2" }`. */
  report(query: Query<"compliance_report">): Answer<"compliance_report"> {
    return this.#http.ask("compliance_report", { query });
  }

  /** Who causes which share of the conflicts, how they end and how long that takes. */
  analytics(query: Query<"figures_analytics"> = {}): Answer<"figures_analytics"> {
    return this.#http.ask("figures_analytics", { query });
  }

  /** How much went on, minute by minute or by day. */
  activity(query: Query<"figures_activity"> = {}): Answer<"figures_activity"> {
    return this.#http.ask("figures_activity", { query });
  }

  /** Every conflict that there ever was: when it was told, what ended it, how long it took. */
  conflictSpans(query: Query<"figures_conflicts"> = {}): Answer<"figures_conflicts"> {
    return this.#http.ask("figures_conflicts", { query });
  }

  /** How what PSMP runs on stands: consumers, followers, services. */
  operations(): Answer<"figures_operations"> {
    return this.#http.ask("figures_operations");
  }

  /** The webhooks of the tenant, and how posting goes. */
  webhooks(): Answer<"webhooks_listing"> {
    return this.#http.ask("webhooks_listing");
  }

  webhook(webhook: string): Answer<"webhooks_reading"> {
    return this.#http.ask("webhooks_reading", { path: { webhook } });
  }

  /** Have events posted to a receiver from now on. The `secret` in the answer is shown once. */
  addWebhook<H extends How>(body: Body<"webhooks_add">, how?: H): Promise<Told<"webhooks_add", H>> {
    return this.#http.say("webhooks_add", { body }, how);
  }

  /** Change where a webhook goes, or what it is told; one that has ended begins anew. */
  changeWebhook<H extends How>(
    webhook: string,
    body: Body<"webhooks_change">,
    how?: H,
  ): Promise<Told<"webhooks_change", H>> {
    return this.#http.say("webhooks_change", { path: { webhook }, body }, how);
  }

  removeWebhook<H extends How>(webhook: string, how?: H): Promise<Told<"webhooks_remove", H>> {
    return this.#http.say("webhooks_remove", { path: { webhook } }, how);
  }

  /** Give a webhook a new `secret`, shown once; for a while the old one goes on beside it. */
  rotateWebhook<H extends How>(
    webhook: string,
    body: Body<"webhooks_rotate"> = {},
    how?: H,
  ): Promise<Told<"webhooks_rotate", H>> {
    return this.#http.say("webhooks_rotate", { path: { webhook }, body }, how);
  }

  /** Have an event posted by this webhook alone. */
  tryWebhook<H extends How>(webhook: string, how?: H): Promise<Told<"webhooks_try_out", H>> {
    return this.#http.say("webhooks_try_out", { path: { webhook } }, how);
  }

  /**
   * Follow what happens. When this has answered, nothing from `live.position` on is left out: read the state then, and
   * go on with the events.
   */
  follow(wanted: Omit<Query<"live_stream">, "after"> = {}, how: Following = {}): Promise<Live> {
    return Live.open(this.#http, wanted, how);
  }
}

/** One project. */
export class Project {
  readonly #http: Http;
  readonly #path: { project: string };

  constructor(http: Http, name: string) {
    [this.#http, this.#path] = [http, { project: name }];
  }

  /** How it stands now, or stood at the event `sequence` or at a `time`. */
  status(query: Query<"projects_reading"> = {}): Answer<"projects_reading"> {
    return this.#http.ask("projects_reading", { path: this.#path, query });
  }

  transition<H extends How>(body: Body<"projects_transition">, how?: H): Promise<Told<"projects_transition", H>> {
    return this.#http.say("projects_transition", { path: this.#path, body }, how);
  }

  /** Have it called, set up or governed otherwise; with other `targets` all that stands declared is judged anew. */
  change<H extends How>(body: Body<"projects_change">, how?: H): Promise<Told<"projects_change", H>> {
    return this.#http.say("projects_change", { path: this.#path, body }, how);
  }

  /** Finish with it, or give it up: nothing is done in it any more. */
  archive<H extends How>(body: Body<"projects_archive">, how?: H): Promise<Told<"projects_archive", H>> {
    return this.#http.say("projects_archive", { path: this.#path, body }, how);
  }

  /** A page of its audit trail. */
  events(query: Query<"projects_events"> = {}): Answer<"projects_events"> {
    return this.#http.ask("projects_events", { path: this.#path, query });
  }

  /** What changed between two events or times. */
  diff(query: Query<"projects_diff">): Answer<"projects_diff"> {
    return this.#http.ask("projects_diff", { path: this.#path, query });
  }

  /** What is needed, package by package, and who needs it. */
  dependencies(query: Query<"projects_dependencies"> = {}): Answer<"projects_dependencies"> {
    return this.#http.ask("projects_dependencies", { path: this.#path, query });
  }

  /** The signed checkpoints that cover its record. */
  checkpoints(query: Query<"ledger_checkpoints"> = {}): Answer<"ledger_checkpoints"> {
    return this.#http.ask("ledger_checkpoints", { path: this.#path, query });
  }

  /** The proof that the event of that number is in the ledger, for anybody to check. */
  inclusion(sequence: number): Answer<"ledger_inclusion"> {
    return this.#http.ask("ledger_inclusion", { path: { ...this.#path, sequence } });
  }

  /** The proof that its record extends what it was. */
  consistency(query: Query<"ledger_consistency">): Answer<"ledger_consistency"> {
    return this.#http.ask("ledger_consistency", { path: this.#path, query });
  }

  /** Have the record verified now. */
  verify(): Answer<"ledger_verify"> {
    return this.#http.ask("ledger_verify", { path: this.#path });
  }

  /** The audit trail, by who, what and when. */
  audit(query: Omit<Query<"compliance_audit">, "project"> = {}): Answer<"compliance_audit"> {
    return this.#http.ask("compliance_audit", { query: { ...query, ...this.#path } });
  }

  artifacts(query: Query<"artifacts_listing"> = {}): Answer<"artifacts_listing"> {
    return this.#http.ask("artifacts_listing", { path: this.#path, query });
  }

  artifact(artifact: string): Answer<"artifacts_reading"> {
    return this.#http.ask("artifacts_reading", { path: { ...this.#path, artifact } });
  }

  /** Declare an artifact and wait for the verdict; look at `verdict.verdict` for whether to go on. */
  declare<H extends How>(body: Body<"artifacts_declare">, how?: H): Promise<Told<"artifacts_declare", H>> {
    return this.#http.say("artifacts_declare", { path: this.#path, body }, how);
  }

  /** Amend a declaration and wait for the verdict; what is left out stays as it was. */
  amend<H extends How>(
    artifact: string,
    body: Body<"artifacts_amend">,
    how?: H,
  ): Promise<Told<"artifacts_amend", H>> {
    return this.#http.say("artifacts_amend", { path: { ...this.#path, artifact }, body }, how);
  }

  withdraw<H extends How>(
    artifact: string,
    body: Body<"artifacts_withdraw">,
    how?: H,
  ): Promise<Told<"artifacts_withdraw", H>> {
    return this.#http.say("artifacts_withdraw", { path: { ...this.#path, artifact }, body }, how);
  }

  agents(): Answer<"agents_agents"> {
    return this.#http.ask("agents_agents", { path: this.#path });
  }

  slots(): Answer<"agents_slots"> {
    return this.#http.ask("agents_slots", { path: this.#path });
  }

  /** Ask for the right to run, as long as the body says to wait in the queue; `sequence` is the fence of the slot. */
  requestSlot<H extends How>(body: Body<"agents_begin"> = {}, how?: H): Promise<Told<"agents_begin", H>> {
    return this.#http.say("agents_begin", { path: this.#path, body }, how, body.wait_seconds);
  }

  renewSlot<H extends How>(body: Body<"agents_renew"> = {}, how?: H): Promise<Told<"agents_renew", H>> {
    return this.#http.say("agents_renew", { path: this.#path, body }, how);
  }

  /** Give the right to run back; with `failure` where the work came to nothing. */
  finishSlot<H extends How>(body: Body<"agents_finish"> = {}, how?: H): Promise<Told<"agents_finish", H>> {
    return this.#http.say("agents_finish", { path: this.#path, body }, how);
  }

  /** Wait for a slot no longer. */
  leaveQueue<H extends How>(body: Body<"agents_leave"> = {}, how?: H): Promise<Told<"agents_leave", H>> {
    return this.#http.say("agents_leave", { path: this.#path, body }, how);
  }

  /** Say that the agent is alive: without it a slot ends with its lease. Every 30 s will do. */
  heartbeat(): Answer<"agents_heartbeat"> {
    return this.#http.ask("agents_heartbeat", { path: this.#path });
  }

  /** What is to be done: what is planned, and what agents are asked to do about conflicts; `{ agent }` is whose. */
  tasks(query: Query<"tasks_listing"> = {}): Answer<"tasks_listing"> {
    return this.#http.ask("tasks_listing", { path: this.#path, query });
  }

  task(task: string): Answer<"tasks_reading"> {
    return this.#http.ask("tasks_reading", { path: { ...this.#path, task } });
  }

  /** Plan a task, for an `agent` or for whoever takes it. */
  createTask<H extends How>(body: Body<"tasks_create">, how?: H): Promise<Told<"tasks_create", H>> {
    return this.#http.say("tasks_create", { path: this.#path, body }, how);
  }

  /** Change a planned task, take it (`agent`), or say how far it is (`status`); what is left out stays as it was. */
  changeTask<H extends How>(task: string, body: Body<"tasks_change">, how?: H): Promise<Told<"tasks_change", H>> {
    return this.#http.say("tasks_change", { path: { ...this.#path, task }, body }, how);
  }

  /** Take a planned task off the list. */
  archiveTask<H extends How>(task: string, body: Body<"tasks_archive">, how?: H): Promise<Told<"tasks_archive", H>> {
    return this.#http.say("tasks_archive", { path: { ...this.#path, task }, body }, how);
  }

  /** Answer a proposal that changes what is one's own. */
  answer<H extends How>(
    resolution: string,
    body: Body<"governance_respond">,
    how?: H,
  ): Promise<Told<"governance_respond", H>> {
    return this.#http.say("governance_respond", { path: { ...this.#path, resolution }, body }, how);
  }

  conflicts(query: Omit<Query<"governance_conflicts">, "project"> = {}): Answer<"governance_conflicts"> {
    return this.#http.ask("governance_conflicts", { query: { ...query, ...this.#path } });
  }

  conflict(conflict: string): Answer<"governance_conflict"> {
    return this.#http.ask("governance_conflict", { path: { conflict }, query: this.#path });
  }

  /** The versions that each party of a conflict admits, on one line, and what a suggestion would change there. */
  ranges(conflict: string): Answer<"governance_ranges"> {
    return this.#http.ask("governance_ranges", { path: { conflict }, query: this.#path });
  }

  /** Resolve a conflict: `{ strategy: "accept", suggestion: 1, reason }` and others. */
  resolve<H extends How>(
    conflict: string,
    body: Body<"governance_resolve">,
    how?: H,
  ): Promise<Told<"governance_resolve", H>> {
    return this.#http.say("governance_resolve", { path: { conflict }, query: this.#path, body }, how);
  }

  acknowledge<H extends How>(
    alert: string,
    body: Body<"operations_acknowledge">,
    how?: H,
  ): Promise<Told<"operations_acknowledge", H>> {
    return this.#http.say("operations_acknowledge", { path: { alert }, query: this.#path, body }, how);
  }

  /** Follow what happens here. See `Psmp.follow`. */
  follow(wanted: Omit<Query<"live_stream">, "after" | "project"> = {}, how: Following = {}): Promise<Live> {
    return Live.open(this.#http, { ...wanted, project: [this.#path.project] }, how);
  }
}

/** Everything in a list, page by page: `items((cursor) => psmp.projects({ ...cursor }))`. */
export async function* items<T>(
  page: (from: { cursor?: string }) => Promise<{ items: readonly T[]; next_cursor?: string }>,
): AsyncGenerator<T, void, undefined> {
  let from: { cursor?: string } | undefined = {};
  while (from) {
    const { items: found, next_cursor }: { items: readonly T[]; next_cursor?: string } = await page(from);
    yield* found;
    from = next_cursor === undefined ? undefined : { cursor: next_cursor };
  }
}
