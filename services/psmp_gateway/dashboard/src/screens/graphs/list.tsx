// The graphs of agents of a project, those that wait for a person first.
import type { GraphLine } from "../../live/graphs";
import { useGraphs } from "../../live/graphs";
import { Badge } from "../../parts/badge";
import { Loading } from "../../parts/loading";
import { Commands, Empty, Fault } from "../../parts/notes";
import { Table } from "../../parts/table";
import { Ago } from "../../parts/time";
import { Link } from "../../routing/link";
import { graphPath } from "../../routing/routes";
import { OUTCOMES, amount, asking } from "./states";

export function GraphList({ project }: { project: string }) {
  const { data, problem, refresh } = useGraphs(project);
  if (data === null) return problem ? <Fault problem={problem} retry={refresh} /> : <Loading what="graphs" />;
  return (
    <section aria-label="Graphs of agents">
      {problem ? <Fault problem={problem} retry={refresh} /> : null}
      {data.length === 0 ? <NoGraph project={project} /> : <Lines lines={[...data].sort(byNeed)} />}
    </section>
  );
}

function byNeed(one: GraphLine, other: GraphLine): number {
  const rank = (line: GraphLine) => ((line.for_a_person ?? []).length ? 0 : line.state === "OPEN" || line.state === "AGGREGATED" ? 1 : 2);
  return rank(one) - rank(other) || other.time.localeCompare(one.time);
}

function NoGraph({ project }: { project: string }) {
  return (
    <Empty title="No graph of agents yet">
      <p>A graph says which agents do what, in which order, and within what. Nobody starts without leave, each result is judged, and the whole settles once or not at all.</p>
      <Commands lines={["psmp maeg check plan.yaml", `psmp maeg submit plan.yaml ${project}`]} />
    </Empty>
  );
}

export function OutcomeBadge({ state }: { state: GraphLine["state"] }) {
  const { tone, mark, word } = OUTCOMES[state];
  return (
    <Badge tone={tone} mark={mark}>
      {word}
    </Badge>
  );
}

function Lines({ lines }: { lines: readonly GraphLine[] }) {
  return (
    <Table
      label="Graphs of agents, those that wait for a person first"
      rows={lines}
      keyOf={(line) => line.id}
      tone={(line) => (line.failed ? "bad" : undefined)}
      columns={[
        {
          head: "Graph",
          names: true,
          cell: (line) => (
            <>
              <Link href={graphPath(line.project, line.id)}>{line.id}</Link>
              {line.title ? <span className="sub">{line.title}</span> : null}
            </>
          ),
        },
        { head: "State", cell: (line) => <OutcomeBadge state={line.state} /> },
        { head: "Complete", cell: (line) => `${line.complete} of ${line.agents}` },
        { head: "Failed", number: true, cell: (line) => line.failed || "", optional: true },
        { head: "Waits for a person", cell: (line) => (line.for_a_person ?? []).map((each) => <span key={`${each.what}/${each.node ?? ""}/${each.role ?? ""}`} className="sub">{asking(each)}</span>), optional: true },
        { head: "Cost", number: true, cell: (line) => amount(line.cost_micros), optional: true },
        { head: "Newest", cell: (line) => <><span className="sequence">{line.sequence}</span> · <Ago time={line.time} /></> },
      ]}
    />
  );
}
