// All projects, with what needs somebody first.
import type { AlertLine, BlockedProject, ProjectLine } from "../api/words";
import { useAlerts, useBlocking, useProjects } from "../live/sources";
import { PhaseBadge, SeverityBadge, toneOf } from "../parts/badge";
import { Evidence } from "../parts/evidence";
import { Commands, Empty, Fault, Unread } from "../parts/notes";
import { Table } from "../parts/table";
import { Ago, Since } from "../parts/time";
import { useTitle } from "../parts/title";
import { count } from "../parts/words";
import { useQuery } from "../routing/address";
import { Link } from "../routing/link";
import { projectPath } from "../routing/routes";
import { byAttention, needsAttention } from "./attention";

export function ProjectsScreen() {
  const { data, problem, refresh } = useProjects();
  const urgent = data?.items.filter(needsAttention).length ?? 0;
  useTitle(urgent ? `(${urgent}) Projects` : "Projects");
  if (data === null) return <Unread title="Projects" problem={problem} retry={refresh} />;
  const items = [...data.items].sort(byAttention);
  return (
    <div className="page">
      <div className="head">
        <h1 tabIndex={-1}>Projects</h1>
        <p className="lead" role="status">
          {count(items.length, "project")}, {urgent === 0 ? "none needs you now" : `${urgent} ${urgent === 1 ? "needs" : "need"} attention`}
          {data.behind > 0 ? ` · this list is ${count(data.behind, "event")} behind` : ""}
        </p>
      </div>
      {problem ? <Fault problem={problem} retry={refresh} /> : null}
      {items.length === 0 ? <NoProjects /> : <Attention items={items.filter(needsAttention)} />}
      {items.length === 0 ? null : <AllProjects items={items} />}
    </div>
  );
}

function NoProjects() {
  return (
    <Empty title="No project yet">
      <p>A project is what agents build together. Make one, say who works on it, and declare the first artifact:</p>
      <Commands
        lines={[
          "psmp create rag-chatbot --agent me",
          "psmp transition rag-chatbot --to planning --reason “agreed”",
          "psmp declare rag-chatbot --artifact backend --dep “fastapi>=0.100”",
        ]}
      />
      <p>Or have a whole story told, conflict included: <code>psmp demo --attach</code></p>
    </Empty>
  );
}

function Attention({ items }: { items: readonly ProjectLine[] }) {
  const blocking = useBlocking();
  const alerts = useAlerts(true);
  const reports = new Map((blocking.data?.items ?? []).map((each) => [each.project, each]));
  const waiting = alerts.data ?? [];
  const alone = waiting.filter((alert) => !items.some((each) => each.project === alert.project));
  if (items.length === 0 && alone.length === 0) {
    return <p className="calm">Nothing stands in anybody’s way.</p>;
  }
  return (
    <section aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      <ul className="attention">
        {items.map((line) => (
          <Urgent key={line.project} line={line} report={reports.get(line.project)} alerts={waiting.filter((each) => each.project === line.project)} />
        ))}
        {alone.map((alert) => (
          <li key={`${alert.project}/${alert.alert}`} className="warn">
            <div className="top">
              <Link href={projectPath(alert.project)} className="name">{alert.project}</Link>
              <Ago time={alert.since} />
            </div>
            <AlertNote alert={alert} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Urgent({ line, report, alerts }: { line: ProjectLine; report: BlockedProject | undefined; alerts: readonly AlertLine[] }) {
  const blockers = report?.blockers ?? [];
  const first = blockers[0];
  const agents = [...new Set([...(report?.running ?? []), ...(report?.waiting ?? [])])];
  return (
    <li className={toneOf(line.state)}>
      <div className="top">
        <Link href={projectPath(line.project)} className="name">{line.name || line.project}</Link>
        <PhaseBadge phase={line.state} />
        <Ago time={line.since} />
      </div>
      {first ? (
        <p className="because">
          <Link href={projectPath(line.project, "overview", first.conflict.id)} className="id">{first.conflict.id}</Link>{" "}
          <Evidence conflict={first.conflict} />
        </p>
      ) : (
        <p>{count(line.conflicts, "conflict")} that {line.conflicts === 1 ? "blocks" : "block"} nothing under the project’s policy.</p>
      )}
      <p className="meta">
        {first ? <span>{count(first.conflict.suggestions?.length ?? 0, "verified way")} out</span> : null}
        {first?.waits_for?.length ? <span>waits for {first.waits_for.join(", ")}</span> : null}
        {blockers.length > 1 ? <span>and {count(blockers.length - 1, "more conflict")}</span> : null}
        {agents.length ? <span>{count(agents.length, "agent")} held up: {agents.slice(0, 5).join(", ")}</span> : null}
      </p>
      {alerts.map((alert) => (
        <AlertNote key={alert.alert} alert={alert} />
      ))}
    </li>
  );
}

function AlertNote({ alert }: { alert: AlertLine }) {
  return (
    <p className="alert">
      <SeverityBadge severity={alert.severity} /> {alert.text} <span className="hint">{alert.hint}</span>
    </p>
  );
}

function AllProjects({ items }: { items: readonly ProjectLine[] }) {
  const [wanted, setWanted] = useQuery("q");
  const found = items.filter((each) => `${each.project} ${each.name} ${each.state}`.toLowerCase().includes(wanted.toLowerCase()));
  return (
    <section aria-labelledby="all">
      <div className="tools">
        <h2 id="all">All projects</h2>
        <label className="search">
          <span className="hidden">Filter projects</span>
          <input type="search" placeholder="Filter" value={wanted} onChange={(event) => setWanted(event.target.value)} />
        </label>
      </div>
      {found.length === 0 ? (
        <p className="none">No project is called like “{wanted}”.</p>
      ) : (
        <Table
          label="Projects"
          rows={found}
          keyOf={(line) => line.project}
          columns={[
            { head: "Project", names: true, cell: (line) => <Name line={line} /> },
            { head: "State", cell: (line) => <PhaseBadge phase={line.state} /> },
            { head: "Conflicts", cell: (line) => line.conflicts || "", number: true },
            { head: "Artifacts", cell: (line) => line.artifacts || "", number: true },
            { head: "In this state", cell: (line) => <Since time={line.since} /> },
            {
              head: "Newest event",
              cell: (line) => (
                <>
                  <span className="sequence">{line.sequence}</span> · <Ago time={line.time} />
                </>
              ),
            },
          ]}
        />
      )}
    </section>
  );
}

function Name({ line }: { line: ProjectLine }) {
  return (
    <>
      <Link href={projectPath(line.project)}>{line.name || line.project}</Link>
      {line.name && line.name !== line.project ? <span className="sub">{line.project}</span> : null}
    </>
  );
}
