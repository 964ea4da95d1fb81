// One project: how it stands, and its tabs.
import type { Status } from "../../api/words";
import { useStatus } from "../../live/sources";
import { PhaseBadge, toneOf } from "../../parts/badge";
import { Commands, Empty, Fault, Unread } from "../../parts/notes";
import { Since } from "../../parts/time";
import { useTitle } from "../../parts/title";
import { Link } from "../../routing/link";
import { BASE, type ProjectTab, TABS, projectPath } from "../../routing/routes";
import { GraphView } from "../graphs/graph";
import { GraphList } from "../graphs/list";
import { Settings } from "../settings/settings";
import { Tasks } from "../tasks/tasks";
import { isUndone } from "../tasks/todo";
import { Agents } from "./agents";
import { Artifacts } from "./artifacts";
import { Audit } from "./audit";
import { Dependencies } from "./dependencies";
import { Overview } from "./overview";
import { Timeline } from "./timeline";
import { AsOf, useAt } from "./travel";

export interface ProjectProps {
  project: string;
  tab: ProjectTab;
  conflict: string | null;
  graph: string | null;
}

export function ProjectScreen({ project, tab, conflict, graph }: ProjectProps) {
  const { data, problem, stale, refresh } = useStatus(project);
  const name = data?.name || project;
  useTitle(data && data.state === "BLOCKED" ? `■ ${name}` : name);
  if (data === null) {
    return problem?.status === 404 ? <Unknown project={project} /> : <Unread title={project} problem={problem} retry={refresh} />;
  }
  return (
    <div className="page">
      <nav aria-label="Way back" className="crumbs">
        <Link href={`${BASE}/`}>Projects</Link>
      </nav>
      <Head status={data} isStale={stale} />
      {problem ? <Fault problem={problem} retry={refresh} /> : null}
      <Tabs project={project} tab={tab} status={data} />
      {tab === "audit" ? <Audit status={data} /> : <AsOf now={data} isRecord={tab === "timeline" || graph !== null}>{(status) => <Tab status={status} now={data} tab={tab} conflict={conflict} graph={graph} />}</AsOf>}
    </div>
  );
}

function Tab({ status, now, tab, conflict, graph }: { status: Status; now: Status; tab: ProjectTab; conflict: string | null; graph: string | null }) {
  switch (tab) {
    case "overview":
      return <Overview status={status} conflict={conflict} />;
    case "tasks":
      return <Tasks status={status} isNow={status.sequence === now.sequence} />;
    case "settings":
      return <Settings status={status} isNow={status.sequence === now.sequence} />;
    case "dependencies":
      return <Dependencies status={status} />;
    case "artifacts":
      return <Artifacts status={status} />;
    case "agents":
      return <Agents status={status} isNow={status.sequence === now.sequence} />;
    case "graphs":
      return graph === null ? <GraphList project={status.project} /> : <GraphView key={graph} project={status.project} maeg={graph} at={status.sequence === now.sequence ? null : status.sequence} />;
    case "timeline":
      return <Timeline status={status} now={now} />;
    default:
      return null;
  }
}

function Head({ status, isStale }: { status: Status; isStale: boolean }) {
  return (
    <header className={`head project ${toneOf(status.state)}`}>
      <h1 tabIndex={-1}>{status.name || status.project}</h1>
      <div className="standing" role="status" aria-live="polite">
        <PhaseBadge phase={status.state} />
        <span>
          for <Since time={status.since} />
        </span>
        <span>
          event <span className="sequence">{status.sequence}</span>
          {isStale ? ", reading what is newer …" : ""}
        </span>
      </div>
    </header>
  );
}

function Tabs({ project, tab, status }: { project: string; tab: ProjectTab; status: Status }) {
  const [at] = useAt(status.sequence);
  const counts: Partial<Record<ProjectTab, number>> = {
    overview: status.conflicts.length,
    tasks: (status.tasks ?? []).filter(isUndone).length,
    artifacts: status.artifacts.length,
    agents: status.slots.length,
  };
  return (
    <nav aria-label="Of this project" className="tabs">
      {TABS.map(([each, name]) => (
        <Link key={each} href={projectPath(project, each) + (at === null || each === "audit" ? "" : `?at=${at}`)} aria-current={each === tab ? "page" : undefined}>
          {name}
          {counts[each] ? <span className="count">{counts[each]}</span> : null}
        </Link>
      ))}
    </nav>
  );
}

function Unknown({ project }: { project: string }) {
  useTitle("No such project");
  return (
    <section className="page">
      <h1 tabIndex={-1}>There is no project {project}</h1>
      <Empty title="Not for this key, or not there">
        <p>What a key is not for looks the same as what never was. If it is to be made:</p>
        <Commands lines={[`psmp create ${project} --agent me`]} />
      </Empty>
      <p>
        <Link href={`${BASE}/`}>All projects</Link>
      </p>
    </section>
  );
}
