// Who takes part: who runs and until when, who waits, who has fallen silent.
import type { Slot, Status, Waiting } from "../../api/words";
import { useNow } from "../../live/use";
import { Badge } from "../../parts/badge";
import { Commands, Empty } from "../../parts/notes";
import { Table } from "../../parts/table";
import { Ago } from "../../parts/time";
import { count, span } from "../../parts/words";
import { Link } from "../../routing/link";
import { projectPath } from "../../routing/routes";

export function Agents({ status }: { status: Status }) {
  const names = [
    ...new Set([...status.slots.map((each) => each.agent), ...(status.waiting ?? []).map((each) => each.agent), ...status.silent, ...status.artifacts.map((each) => each.agent)]),
  ].sort();
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
        {status.slots.length ? <Running slots={status.slots} silent={status.silent} /> : <NobodyRuns status={status} />}
        {status.waiting?.length ? <Queue waiting={status.waiting} /> : null}
      </section>
      <section aria-labelledby="everybody">
        <h2 id="everybody">Everybody who takes part</h2>
        {names.length === 0 ? <p className="none">Nobody yet.</p> : <Everybody status={status} names={names} />}
      </section>
    </div>
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

function Running({ slots, silent }: { slots: readonly Slot[]; silent: readonly string[] }) {
  const now = useNow(1000);
  return (
    <Table
      label="Who runs"
      rows={slots}
      keyOf={(slot) => slot.fence}
      columns={[
        { head: "Agent", cell: (slot) => slot.agent, names: true },
        {
          head: "Heartbeat",
          cell: (slot) =>
            silent.includes(slot.agent) ? (
              <Badge tone="bad" mark="✗">silent</Badge>
            ) : (
              <Badge tone="good" mark="♥">alive</Badge>
            ),
        },
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

function Everybody({ status, names }: { status: Status; names: readonly string[] }) {
  return (
    <Table
      label="Agents"
      rows={names}
      keyOf={(name) => name}
      columns={[
        { head: "Agent", cell: (name) => name, names: true },
        { head: "Is", cell: (name) => being(status, name) },
        { head: "Artifacts", cell: (name) => status.artifacts.filter((each) => each.agent === name && each.status !== "ARCHIVED").map((each) => each.artifact).join(", ") },
        {
          head: "Conflicts",
          cell: (name) => {
            const found = status.conflicts.filter((each) => each.parties.some((party) => party.agent === name));
            return found.length ? (
              <span className="links">
                {found.map((each) => (
                  <Link key={each.id} href={projectPath(status.project, "overview", each.id)}>
                    {each.id}
                  </Link>
                ))}
              </span>
            ) : (
              ""
            );
          },
        },
      ]}
    />
  );
}

function being(status: Status, name: string): string {
  const told = [
    status.slots.some((each) => each.agent === name) ? "running" : "",
    status.waiting?.some((each) => each.agent === name) ? "waiting" : "",
    status.silent.includes(name) ? "silent" : "",
  ].filter(Boolean);
  return told.join(", ") || "not running";
}
