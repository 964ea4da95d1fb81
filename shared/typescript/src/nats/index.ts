// PSMP over NATS, without the gateway: commands and their outcomes, questions, and a project's events.
import { connect as connectNats, type NatsConnection, type NodeConnectionOptions, NoRespondersError, PermissionViolationError } from "@nats-io/transport-node";
import { PsmpError, PsmpProblem, Unreachable } from "../errors.js";
import type {
  AlertList,
  AlertsQuestion,
  Commands,
  EventsPage,
  EventsQuestion,
  ProjectList,
  ProjectsQuestion,
  Status,
  StatusQuestion,
} from "../generated/contract.js";
import { left, pause, within } from "../time.js";
import { check, type Kind, order } from "./command.js";
import { type Feed, history, type Stored } from "./history.js";
import { is, notAllowed, type Outcome, Settling } from "./settling.js";

export type * from "../generated/contract.js";
export { Damaged, PsmpError, PsmpProblem, Unreachable, Unsettled } from "../errors.js";
export type { Outcome, Stored };

/** Who speaks, in which tenant. All else is for NATS: `servers`, `user`, `pass`, `tls`, `authenticator`, ... */
export interface Speaker extends NodeConnectionOptions {
  agent: string;
  tenant?: string;
  /** Seconds that a command and a question may take (10). */
  within?: number;
}

/** How a command is sent. */
export interface Sending {
  /** Seconds to wait for the outcome. */
  within?: number;
  /** The command's id, a UUIDv7, where it was sent before: it counts once, and has the same outcome again. */
  commandId?: string;
  /** Only if the project's last event (for artifacts: their last declaration) still is this one; else PRECONDITION_FAILED. */
  ifSequence?: number;
  signal?: AbortSignal;
}

interface Questions {
  status: [StatusQuestion, Status];
  projects: [ProjectsQuestion, ProjectList];
  events: [EventsQuestion, EventsPage];
  alerts: [AlertsQuestion, AlertList];
}

/** Connect as an agent; a connection that is lost later is made again. */
export async function connect({ agent, tenant = "default", within: seconds = 10, ...options }: Speaker): Promise<NatsClient> {
  check({ tenant, agent });
  try {
    const nats = await connectNats({
      name: `psmp ${tenant}/${agent}`,
      inboxPrefix: `_INBOX.${agent}`,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      timeout: seconds * 1000,
      ...options,
    });
    return new NatsClient(nats, tenant, agent, seconds);
  } catch (error) {
    const next = "see whether it runs (`psmp dev`), and whether address and credentials are right";
    throw new Unreachable(`cannot connect to NATS: ${error}`, next, { cause: error });
  }
}

/** One agent of one tenant, over one connection. */
export class NatsClient {
  readonly nats: NatsConnection;
  readonly #tenant: string;
  readonly #agent: string;
  readonly #within: number;
  readonly #settling: Settling;
  readonly #feeds = new Set<Feed>();

  constructor(nats: NatsConnection, tenant: string, agent: string, seconds: number) {
    [this.nats, this.#tenant, this.#agent, this.#within] = [nats, tenant, agent, seconds];
    this.#settling = new Settling(nats, tenant, agent);
    void this.#watch();
  }

  /** Have a command settled: the event that settles it. Raises `PsmpProblem` when the answer is no. */
  async say<K extends Kind>(project: string, kind: K, data: Commands[K], sending: Sending = {}): Promise<Outcome> {
    const made = order(this.#tenant, project, this.#agent, kind, data, sending.commandId, sending.ifSequence);
    return await this.#settling.settle(made, sending.within ?? this.#within, sending.signal);
  }

  /** Ask the keeper, until it answers. */
  async ask<K extends keyof Questions>(kind: K, question: Questions[K][0], seconds = this.#within): Promise<Questions[K][1]> {
    const subject = `psmp.qry.${this.#tenant}.${this.#agent}.${kind}`;
    const deadline = within(seconds);
    let why = "nothing came back";
    while (left(deadline) > 0) {
      try {
        const answer = await this.nats.request(subject, JSON.stringify(question), { timeout: Math.min(left(deadline) * 1000, 2000) });
        const said = answer.json<{ code?: string; reason?: string; hint?: string }>();
        if (said.code === undefined || said.reason === undefined) return said as Questions[K][1];
        const { code, reason, hint = "" } = said;
        if (code !== "UNAVAILABLE") throw new PsmpProblem({ code, detail: reason, hint });
        why = reason;
      } catch (error) {
        if (error instanceof PsmpError) throw error;
        if (is(error, PermissionViolationError)) throw notAllowed(error);
        why = is(error, NoRespondersError) ? "nobody there takes it" : String(error);
      }
      await pause(Math.min(250, left(deadline) * 1000));
    }
    throw new Unreachable(`no answer to the question for ${kind}: ${why}`, "ask again; `psmp doctor` tells what is amiss");
  }

  /**
   * A project's events behind the sequence `after` (0: from its first), then as they happen. None is left out and none
   * comes twice, over lost connections too; each is checked to link to the one before.
   */
  events(project: string, { after, signal }: { after: number; signal?: AbortSignal }): AsyncGenerator<Stored, void, undefined> {
    check({ project });
    const subject = `psmp.evt.${this.#tenant}.${project}.>`;
    return history(this.nats, subject, project, after, (question) => this.ask("events", question, 30), this.#feeds, signal);
  }

  /** Say that the agent is alive: without it a slot ends with its lease. */
  async heartbeat(project: string): Promise<void> {
    check({ project });
    await this.nats.request(`psmp.hb.${this.#tenant}.${project}.${this.#agent}`, "alive", { timeout: this.#within * 1000 });
  }

  async close(): Promise<void> {
    await this.nats.close();
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.nats.status()) {
      if (type !== "reconnect") continue;
      this.#settling.renewed();
      for (const feed of this.#feeds) feed.missed();
    }
  }
}
