// The nodes of a graph as a table, by the page: what is at the front stands first when that is asked for.
import { useId } from "react";
import type { Graph, GraphNode } from "../../live/graphs";
import { Badge } from "../../parts/badge";
import { Table } from "../../parts/table";
import { count } from "../../parts/words";
import { useQuery } from "../../routing/address";
import { front } from "./layout";
import { KINDS, LOOKS, amount, attempt, isDone, waiting } from "./states";

const PAGE = 100;

const SHOWN: readonly (readonly [string, string, (node: GraphNode, fronts: ReadonlySet<string>) => boolean])[] = [
  ["", "all nodes", () => true],
  ["front", "where work is now", (node, fronts) => fronts.has(node.id)],
  ["open", "not done yet", (node) => !isDone(node.state)],
  ["failed", "failed", (node) => node.state === "FAILED"],
  ["done", "done", (node) => isDone(node.state)],
];

export function Nodes({ graph, chosen, onChoose }: { graph: Graph; chosen: string; onChoose: (node: string) => void }) {
  const [which, setWhich] = useQuery("nodes");
  const [text, setText] = useQuery("q");
  const [page, setPage] = useQuery("page", "1");
  const field = useId();
  const fronts = new Set(front(graph.nodes).map((each) => each.id));
  const admits = (SHOWN.find(([name]) => name === which) ?? SHOWN[0]!)[2];
  const said = text.trim().toLowerCase();
  const rows = graph.nodes.filter((each) => admits(each, fronts) && (!said || [each.id, each.agent ?? "", each.agent_name ?? "", each.lane ?? "", LOOKS[each.state].word].some((one) => one.toLowerCase().includes(said))));
  const pages = Math.max(1, Math.ceil(rows.length / PAGE));
  const here = Math.min(pages, /^[1-9]\d*$/.test(page) ? Number(page) : 1);
  const shown = rows.slice((here - 1) * PAGE, here * PAGE);
  return (
    <section aria-label="Nodes" className="nodes">
      <div className="tools">
        <p className="hint" role="status">
          {rows.length > PAGE ? `${(here - 1) * PAGE + 1} to ${(here - 1) * PAGE + shown.length} of ` : ""}{count(rows.length, "node")}
        </p>
        <label className="choose" htmlFor={field}>
          Show
          <select id={field} value={which} onChange={(event) => (setPage("1"), setWhich(event.target.value))}>
            {SHOWN.map(([name, words]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label className="search">
          <span className="hidden">Find nodes</span>
          <input type="search" placeholder="Node, agent, lane, state" value={text} onChange={(event) => (setPage("1"), setText(event.target.value))} />
        </label>
      </div>
      {shown.length === 0 ? <p className="none">No node fits this.</p> : <NodeTable rows={shown} chosen={chosen} onChoose={onChoose} />}
      {pages > 1 ? (
        <nav aria-label="Pages of nodes" className="actions">
          <button type="button" disabled={here === 1} onClick={() => setPage(String(here - 1))}>
            Earlier
          </button>
          <span className="hint">page {here} of {pages}</span>
          <button type="button" disabled={here === pages} onClick={() => setPage(String(here + 1))}>
            Later
          </button>
        </nav>
      ) : null}
    </section>
  );
}

function NodeTable({ rows, chosen, onChoose }: { rows: readonly GraphNode[]; chosen: string; onChoose: (node: string) => void }) {
  return (
    <Table
      label="Nodes, in the order of the graph"
      rows={rows}
      keyOf={(node) => node.id}
      tone={(node) => (node.state === "FAILED" ? "bad" : undefined)}
      columns={[
        {
          head: "Node",
          names: true,
          cell: (node) => (
            <button type="button" className="plain tight" aria-pressed={node.id === chosen} data-node={node.id} onClick={() => onChoose(node.id)}>
              {node.id}
            </button>
          ),
        },
        { head: "State", cell: (node) => <StateBadge node={node} /> },
        { head: "Attempt", cell: attempt },
        { head: "Lane", cell: (node) => node.lane ?? "" },
        { head: "Agent", cell: (node) => node.agent_name || (node.agent ?? KINDS[node.kind]) },
        { head: "Token", cell: (node) => (node.token ? <><code>{node.token.id.slice(-12)}</code> {node.token.state}</> : ""), optional: true },
        { head: "Cost", number: true, cell: (node) => amount(node.cost_micros ?? 0), optional: true },
        { head: "Waits for", cell: waiting },
      ]}
    />
  );
}

export function StateBadge({ node }: { node: GraphNode }) {
  const { tone, mark, word } = LOOKS[node.state];
  return (
    <Badge tone={tone} mark={mark}>
      {node.stale ? `${word}, to be done again` : word}
    </Badge>
  );
}
