// One graph of agents: drawn or as a table, and the node that is looked at. The address says all of that.
import { useEffect, useMemo, useRef } from "react";
import { type Graph, useGraph } from "../../live/graphs";
import { useNarrow } from "../../live/use";
import { Loading } from "../../parts/loading";
import { Commands, Fault } from "../../parts/notes";
import { Ago } from "../../parts/time";
import { count, listed } from "../../parts/words";
import { useQuery } from "../../routing/address";
import { Link } from "../../routing/link";
import { projectPath } from "../../routing/routes";
import { OfTheWhole } from "./asks";
import { Drawing } from "./drawing";
import { front, longestLeft, predecessors } from "./layout";
import { OutcomeBadge } from "./list";
import { NodeDetail } from "./node";
import { Nodes } from "./nodes";
import { LOOKS, amount, asking } from "./states";

/** `at` is the event as of which it is shown; null is now. */
export function GraphView({ project, maeg, at }: { project: string; maeg: string; at: number | null }) {
  const { data, problem, refresh } = useGraph(project, maeg, at);
  if (data === null) return problem ? <Fault problem={problem} retry={refresh} /> : <Loading what={maeg} />;
  return (
    <section aria-labelledby="graph" className="graph">
      <p className="crumbs">
        <Link href={projectPath(project, "graphs") + (at === null ? "" : `?at=${at}`)}>All graphs</Link>
      </p>
      <Head graph={data} />
      {problem ? <Fault problem={problem} retry={refresh} /> : null}
      <Asked graph={data} />
      {at === null ? <OfTheWhole graph={data} /> : null}
      <Views graph={data} isNow={at === null} />
    </section>
  );
}

function Head({ graph }: { graph: Graph }) {
  return (
    <header>
      <h2 id="graph" tabIndex={-1}>
        {graph.id}
        {graph.title ? <span className="sub">{graph.title}</span> : null}
      </h2>
      <p className="standing" role="status">
        <OutcomeBadge state={graph.state} />
        <span>{graph.complete} of {count(graph.agents, "agent")} complete</span>
        {graph.failed ? <span className="bad word">{graph.failed} failed</span> : null}
        {graph.cost_micros ? <span>cost {amount(graph.cost_micros)}</span> : null}
        <span>event <span className="sequence">{graph.sequence}</span>, <Ago time={graph.time} /></span>
        {graph.approved_by ? <span>agreed to by {graph.approved_by}</span> : null}
        {graph.abandoned ? <span>“{graph.abandoned}”</span> : null}
      </p>
      <WhereItIs graph={graph} />
    </header>
  );
}

const NAMED = 4;

/** Where work is now, and how far it is to the end. */
function WhereItIs({ graph }: { graph: Graph }) {
  const before = useMemo(() => predecessors(graph.nodes, graph.edges), [graph.graph_digest]);
  if (graph.wrap) {
    return (
      <>
        <p>Settled by event <span className="sequence">{graph.wrap.sequence}</span>, under the root <code>{graph.wrap.root.slice(0, 16)}…</code>. Who has <Link href={projectPath(graph.project, "audit")}>the bundle</Link> can prove it without this deployment:</p>
        <Commands lines={[`psmp maeg verify ${graph.project}.zip --maeg ${graph.id} --keys KEYS`]} />
      </>
    );
  }
  const now = front(graph.nodes);
  if (now.length === 0) return null;
  const way = longestLeft(graph.nodes, before);
  const named = now.slice(0, NAMED).map((each) => `${each.id} (${LOOKS[each.state].word})`);
  return (
    <p className="hint">
      At the front: {listed(now.length > NAMED ? [...named, `${now.length - NAMED} more`] : named)}. The longest way left has {count(way.length, "node")}.
    </p>
  );
}

/** What waits for a person, each a way to the node that it is about. */
function Asked({ graph }: { graph: Graph }) {
  const [, choose] = useQuery("node");
  const waiting = graph.for_a_person ?? [];
  if (waiting.length === 0) return null;
  return (
    <ul className="alerts" aria-label="What waits for a person">
      {waiting.map((each) => (
        <li key={`${each.what}/${each.node ?? ""}/${each.role ?? ""}`}>
          <span className="badge warn">
            <span aria-hidden="true">◆</span>
            {each.what}
          </span>
          <p>{asking(each)}</p>
          {each.node ? (
            <button type="button" className="plain" onClick={() => choose(each.node!)}>
              Look at {each.node}
            </button>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

function Views({ graph, isNow }: { graph: Graph; isNow: boolean }) {
  const [view, setView] = useQuery("view", "graph");
  const [chosen, choose] = useQuery("node");
  const isNarrow = useNarrow();
  const node = graph.nodes.find((each) => each.id === chosen);
  const box = useRef<HTMLDivElement>(null);
  const isFirst = useRef(true);
  // Who opens a node goes on from it; who closes it is back where it was opened.
  useEffect(() => {
    if (!isFirst.current) {
      const title = box.current?.querySelector<HTMLElement>("[data-node-title]");
      title?.focus({ preventScroll: true });
      title?.scrollIntoView({ block: "nearest" });
    }
    isFirst.current = false;
  }, [node?.id]);

  function close(next: string): void {
    const last = chosen;
    choose(next);
    if (next === "") document.querySelector<HTMLElement>(`[data-node="${CSS.escape(last)}"]`)?.focus();
  }

  return (
    <>
      {isNarrow ? null : (
        <fieldset className="forms" aria-label="View">
          {[["graph", "Drawn"], ["table", "As a table"]].map(([value, name]) => (
            <label key={value} className="choose">
              <input type="radio" name="view" checked={view === value} onChange={() => setView(value!)} />
              {name}
            </label>
          ))}
        </fieldset>
      )}
      {view === "table" || isNarrow ? <Nodes graph={graph} chosen={chosen} onChoose={choose} /> : <Drawing key={graph.graph_digest} graph={graph} chosen={chosen} onChoose={choose} />}
      <div ref={box}>
        {node ? <NodeDetail graph={graph} node={node} isNow={isNow} onChoose={close} /> : chosen ? <p className="none">There is no node {chosen} in this graph.</p> : <p className="hint">Open a node to see what it is to do, what was found, and what can be done.</p>}
      </div>
    </>
  );
}
