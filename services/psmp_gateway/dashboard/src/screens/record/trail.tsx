// The audit trail of all projects: searched by project, agent, kind, time and text. The search stands in the address.
import { useState } from "react";
import { Problem, unreachable } from "../../api/client";
import { useProjects } from "../../live/sources";
import { type Trail, type Wanted, search, useTrail } from "../../live/trail";
import { useSettled } from "../../live/use";
import { Loading } from "../../parts/loading";
import { Commands, Empty, Fault } from "../../parts/notes";
import { Table } from "../../parts/table";
import { Ago } from "../../parts/time";
import { useTitle } from "../../parts/title";
import { count } from "../../parts/words";
import { useQuery } from "../../routing/address";
import { Link } from "../../routing/link";
import { projectPath } from "../../routing/routes";
import { telling } from "../project/telling";
import { Range } from "./range";
import { moment, saying } from "./times";

const KINDS = ["artifact", "conflict", "resolution", "project", "slot", "agent", "alert", "command", "compatibility", "maeg", "subpac", "ber", "pdo", "wrap", "waiver"];
const AGENT = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

export function TrailScreen() {
  useTitle("Audit");
  const [project, setProject] = useQuery("project");
  const [agent, setAgent] = useQuery("agent");
  const [kind, setKind] = useQuery("kind");
  const [text, setText] = useQuery("text");
  const [since] = useQuery("since");
  const [until] = useQuery("until");
  const projects = useProjects();
  const said = JSON.stringify({
    project: saying(project),
    agent: AGENT.test(agent) ? agent : undefined,
    kind: kind ? [`${kind}.*`] : undefined,
    since: moment(since),
    until: moment(until),
    text: text.trim().length > 1 ? text.trim() : undefined,
  } satisfies Wanted);
  const settled = useSettled(said, 300);
  const wanted = JSON.parse(settled) as Wanted;
  const isNarrowed = Object.keys(wanted).length > 0;
  return (
    <div className="page">
      <div className="head">
        <h1 tabIndex={-1}>Audit</h1>
        <p className="lead">What was decided, by whom, and why, in all projects that you may see.</p>
      </div>
      <search className="filters">
        <label className="field">
          Project
          <select value={project} onChange={(event) => setProject(event.target.value)}>
            <option value="">all projects</option>
            {(projects.data?.items ?? []).map((each) => (
              <option key={each.project} value={each.project}>
                {each.name || each.project}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          Agent
          <input value={agent} maxLength={64} spellCheck={false} placeholder="anybody" onChange={(event) => setAgent(event.target.value)} aria-invalid={agent !== "" && !AGENT.test(agent)} />
        </label>
        <label className="field">
          Kind
          <select value={kind} onChange={(event) => setKind(event.target.value)}>
            <option value="">all kinds</option>
            {KINDS.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <Range />
        <label className="field">
          Text
          <input type="search" value={text} maxLength={100} placeholder="in what is stored" onChange={(event) => setText(event.target.value)} />
        </label>
      </search>
      <Found key={settled} wanted={wanted} isNarrowed={isNarrowed} />
    </div>
  );
}

function Found({ wanted, isNarrowed }: { wanted: Wanted; isNarrowed: boolean }) {
  const { data, problem, refresh } = useTrail(wanted);
  const [more, setMore] = useState<Trail | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<Problem | null>(null);
  if (data === null) return problem ? <Fault problem={problem} retry={refresh} /> : <Loading what="the record" />;
  const rows = [...new Map([...data.items, ...(more?.items ?? [])].map((each) => [each.position, each])).values()].sort((one, other) => other.position - one.position);
  const cursor = more ? more.cursor : data.cursor;

  async function further(): Promise<void> {
    if (isBusy || cursor === null) return;
    setBusy(true);
    try {
      const page = await search(wanted, cursor);
      setMore({ ...page, items: [...(more?.items ?? data!.items), ...page.items] });
      setFault(null);
    } catch (error) {
      setFault(error instanceof Problem ? error : unreachable(String(error)));
    } finally {
      setBusy(false);
    }
  }

  return (
    <section aria-label="What was found" className="timeline">
      {problem ? <Fault problem={problem} retry={refresh} /> : null}
      <p className="hint" role="status">
        {count(rows.length, "record")}{cursor ? ", and perhaps older ones" : ""}, newest first{data.behind ? `; ${count(data.behind, "event")} not taken in yet` : ""}
      </p>
      {rows.length > 0 ? <Records rows={rows} /> : isNarrowed ? <p className="none">Nothing in the record fits this.</p> : <Nothing />}
      {fault ? <Fault problem={fault} /> : null}
      {cursor ? (
        <button type="button" onClick={() => void further()} disabled={isBusy}>
          {isBusy ? "Searching …" : "Search what is older"}
        </button>
      ) : null}
    </section>
  );
}

function Nothing() {
  return (
    <Empty title="Nothing is recorded yet">
      <p>Everything that is decided is recorded, refusals too. The first thing to be decided is that there is a project:</p>
      <Commands lines={["psmp create rag-chatbot --agent me"]} />
    </Empty>
  );
}

function kindOf({ event }: Trail["items"][number]): string {
  return /^psmp\.(.+)\.v\d+$/.exec(event.type)?.[1] ?? event.type;
}

function Records({ rows }: { rows: Trail["items"] }) {
  return (
    <Table
      label="Records, newest first"
      rows={rows}
      keyOf={(row) => row.position}
      tone={(row) => (kindOf(row) === "conflict.detected" ? "bad" : undefined)}
      columns={[
        {
          head: "Event",
          names: true,
          cell: ({ project, event }) => (
            <Link href={`${projectPath(project, "timeline")}?form=full&at=${event.sequence}`}>
              {project} <span className="sequence">{event.sequence}</span>
            </Link>
          ),
        },
        { head: "When", cell: ({ event }) => <Ago time={event.time} /> },
        { head: "What", cell: (row) => <code>{kindOf(row)}</code> },
        { head: "Who", cell: ({ event }) => event.actor },
        { head: "Says", cell: (row) => telling(kindOf(row), row.event.data) },
        { head: "Proof", cell: ({ project, event }) => <Link href={`${projectPath(project, "audit")}?proof=${event.sequence}`} >prove it<span className="hidden">: event {event.sequence} of {project}</span></Link> },
      ]}
    />
  );
}
