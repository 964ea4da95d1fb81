// Who takes part: who runs and until when, who waits, who has fallen silent.
import type { Slot, Status, Waiting } from "../../api/words";
import { type Agent, useAgents } from "../../live/record";
import { useAgain, useNow } from "../../live/use";
import { Badge } from "../../parts/badge";
import { Loading } from "../../parts/loading";
import { Commands, Empty, Fault } from "../../parts/notes";
import { Table } from "../../parts/table";
import { Ago } from "../../parts/time";
import { count, span } from "../../parts/words";
import { Link } from "../../routing/link";
import { projectPath } from "../../routing/routes";
import { type Beat, type Pulse, pulses } from "./hearts";

const AGAIN = 5000;

/** `isNow`: what is shown is the present, in which agents can be heard. */
export function Agents({ status, isNow }: { status: Status; isNow: boolean }) {
  const most = status.policy.max_concurrent_agents ?? 5;
  return (
    <div className="sections">
      <section aria-labelledby="slots">
        <div className="tools">
          <h2 id="slots">Slots</h2>
          <p className="hint">
            {status.slots.length} of {most} taken{status.waiting?.length ? `, ${count(status.waiting.length, "agent")} waiting` : ""}; a slot is lost {span((status.policy.lease_seconds ?? 90) * 1000)} after the last heartbeat
          </p>
        </div>
        <Meter taken={status.slots.length} most={most} />
        {status.slots.length ? <Running slots={status.slots} /> : <NobodyRuns status={status} />}
        {status.waiting?.length ? <Queue waiting={status.waiting} /> : null}
      </section>
      <section aria-labelledby="everybody">
        <h2 id="everybody">Everybody who takes part{isNow ? ", the silent first" : ""}</h2>
        {isNow ? <Heard status={status} /> : <Everybody status={status} pulses={pulses(then(status), status.policy.lease_seconds ?? 90, Date.parse(status.time))} isNow={false} />}
      </section>
    </div>
  );
}

/** As far as a status tells it: in the past nobody can be heard. */
function then(status: Status): readonly Agent[] {
  const names = new Set([...status.slots.map((each) => each.agent), ...(status.waiting ?? []).map((each) => each.agent), ...status.silent, ...status.artifacts.map((each) => each.agent)]);
  return [...names].sort().map((agent) => ({ agent, silent: status.silent.includes(agent), leaving: false }));
}

function Heard({ status }: { status: Status }) {
  const { data, problem, refresh } = useAgents(status.project);
  const now = useNow(1000);
  useAgain(refresh, AGAIN);
  return (
    <>
      {problem ? <Fault problem={problem} retry={refresh} /> : null}
      {data === null ? problem ? null : <Loading what="who was heard" /> : <Everybody status={status} pulses={pulses(data.items, status.policy.lease_seconds ?? 90, now + data.ahead)} isNow />}
    </>
  );
}

function NobodyRuns({ status }: { status: Status }) {
  const isBlocked = status.state === "BLOCKED" || status.state === "RESOLVING";
  return (
    <Empty title="Nobody runs">
      <p>{isBlocked ? "The project is blocked: nobody is given a slot until its conflicts are gone." : "An agent runs with a slot, or not at all:"}</p>
      <Commands lines={[`psmp run ${status.project} --agent me --wait 5m -- ./agent.sh`]} />
    </Empty>
  );
}

function Meter({ taken, most }: { taken: number; most: number }) {
  if (most > 40) return null;
  return (
    <div className="meter" aria-hidden="true">
      {Array.from({ length: most }, (_, place) => (
        <span key={place} className={place < taken ? "taken" : ""} />
      ))}
    </div>
  );
}

function Running({ slots }: { slots: readonly Slot[] }) {
  const now = useNow(1000);
  return (
    <Table
      label="Who runs"
      rows={slots}
      keyOf={(slot) => slot.fence}
      columns={[
        { head: "Agent", cell: (slot) => slot.agent, names: true },
        { head: "Since", cell: (slot) => <Ago time={slot.since} /> },
        { head: "Term", cell: (slot) => term(slot, now) },
        { head: "Declared", cell: (slot) => (slot.declared ? "yes" : "nothing yet") },
        { head: "Fence", cell: (slot) => <span className="sequence">{slot.fence}</span>, number: true },
      ]}
    />
  );
}

function term(slot: Slot, now: number): string {
  if (!slot.term_seconds) return "no end";
  const left = Date.parse(slot.renewed || slot.since) + slot.term_seconds * 1000 - now;
  return left > 0 ? `${span(left)} left` : "over";
}

function Queue({ waiting }: { waiting: readonly Waiting[] }) {
  const now = useNow(1000);
  return (
    <Table
      label="Who waits, in order"
      rows={waiting.map((each, place) => ({ ...each, place: place + 1 }))}
      keyOf={(each) => each.request}
      columns={[
        { head: "Place", cell: (each) => each.place, number: true },
        { head: "Agent", cell: (each) => each.agent, names: true },
        { head: "Waits", cell: (each) => <Ago time={each.since} /> },
        { head: "Gives up in", cell: (each) => span(Date.parse(each.since) + each.wait_seconds * 1000 - now) },
      ]}
    />
  );
}

const BEATS: Record<Beat, readonly ["bad" | "warn" | "good" | "quiet", string, string]> = {
  silent: ["bad", "✗", "silent"],
  late: ["warn", "△", "late"],
  alive: ["good", "♥", "alive"],
  left: ["quiet", "○", "gone"],
  never: ["quiet", "○", "not heard"],
};

function Everybody({ status, pulses: rows, isNow }: { status: Status; pulses: readonly Pulse[]; isNow: boolean }) {
  if (rows.length === 0) return <p className="none">Nobody yet.</p>;
  return (
    <Table
      label={isNow ? "Agents, the silent first" : "Agents"}
      rows={rows}
      keyOf={({ agent }) => agent.agent}
      tone={({ beat }) => (beat === "silent" ? "bad" : undefined)}
      columns={[
        { head: "Agent", cell: ({ agent }) => agent.agent, names: true },
        { head: "Heartbeat", optional: true, cell: (pulse) => (isNow ? <Heartbeat pulse={pulse} /> : "") },
        { head: "Lease", optional: true, cell: ({ lease }) => (lease === null || !isNow ? "" : lease > 0 ? `${span(lease)} left` : "over") },
        { head: "Is", cell: ({ agent }) => being(status, agent.agent) },
        { head: "Artifacts", cell: ({ agent }) => status.artifacts.filter((each) => each.agent === agent.agent && each.status !== "ARCHIVED").map((each) => each.artifact).join(", ") },
        { head: "Conflicts", cell: ({ agent }) => <Conflicts status={status} agent={agent.agent} /> },
      ]}
    />
  );
}

/** The badge says how it stands by its last heartbeat, and the text when that was. */
function Heartbeat({ pulse: { agent, beat, since } }: { pulse: Pulse }) {
  const [tone, mark, word] = BEATS[beat];
  return (
    <span className="heartbeat">
      <Badge tone={tone} mark={mark}>{word}</Badge>
      {since === null ? null : <time dateTime={agent.heard ?? ""}>{since < 1500 ? "just now" : `${span(since)} ago`}</time>}
    </span>
  );
}

function Conflicts({ status, agent }: { status: Status; agent: string }) {
  const found = status.conflicts.filter((each) => each.parties.some((party) => party.agent === agent));
  if (found.length === 0) return null;
  return (
    <span className="links">
      {found.map((each) => (
        <Link key={each.id} href={projectPath(status.project, "overview", each.id)}>
          {each.id}
        </Link>
      ))}
    </span>
  );
}

function being(status: Status, name: string): string {
  const told = [
    status.slots.some((each) => each.agent === name) ? "running" : "",
    status.waiting?.some((each) => each.agent === name) ? "waiting" : "",
  ].filter(Boolean);
  return told.join(", ") || "not running";
}
