// One node of a graph: what it is to do, how it stands, what was found, what came of it.
import type { Graph, GraphNode } from "../../live/graphs";
import { Badge } from "../../parts/badge";
import { Table } from "../../parts/table";
import { Ago } from "../../parts/time";
import { Link } from "../../routing/link";
import { projectPath } from "../../routing/routes";
import { OfANode } from "./asks";
import { StateBadge } from "./nodes";
import { KINDS, amount, attempt } from "./states";

interface NodeDetailProps {
  graph: Graph;
  node: GraphNode;
  isNow: boolean;
  onChoose: (node: string) => void;
}

const VERDICTS = { PASS: ["good", "✓"], FAIL: ["bad", "✗"], PENDING: ["warn", "◆"] } as const;

export function NodeDetail({ graph, node, isNow, onChoose }: NodeDetailProps) {
  const before = graph.edges.filter((each) => each.target === node.id);
  const after = graph.edges.filter((each) => each.source === node.id);
  return (
    <article className="nodedetail" aria-label={`Node ${node.id}`}>
      <header>
        <h3 tabIndex={-1} data-node-title={node.id}>
          {node.id} <span className="version">{node.sub_pac ?? KINDS[node.kind]}</span>
        </h3>
        <button type="button" onClick={() => onChoose("")}>
          Close
        </button>
      </header>
      <p className="meta">
        <StateBadge node={node} />
        {node.since ? <span>since <Ago time={node.since} /></span> : null}
        {node.attempt ? <span>attempt {attempt(node)}</span> : null}
        {node.failures ? <span>failed {node.failures === 1 ? "once" : `${node.failures} times`}</span> : null}
      </p>
      {node.task ? <p>{node.task}</p> : null}
      {(node.reasons ?? []).length ? (
        <ul className="reasons" aria-label={node.state === "FAILED" ? "Why it failed" : "What this attempt is to correct"}>
          {node.reasons!.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      ) : null}
      {isNow ? <OfANode key={node.id} graph={graph} node={node} /> : null}
      <dl className="facts">
        {node.agent ? <Fact name="Agent">{node.agent_name ? `${node.agent_name} (${node.agent})` : node.agent}</Fact> : null}
        {node.lane ? <Fact name="Lane">{node.lane}</Fact> : null}
        {node.token ? <Fact name="Token"><code>{node.token.id}</code> {node.token.state}, counts until {node.token.expires.slice(0, 19).replace("T", " ")} UTC</Fact> : null}
        {node.cost_micros ? <Fact name="Cost">{amount(node.cost_micros)}</Fact> : null}
        {(node.artifacts ?? []).length ? <Fact name="Made"><Link href={projectPath(graph.project, "artifacts")}>{node.artifacts!.join(", ")}</Link></Fact> : null}
        {node.pdo ? <Fact name="Outcome"><code>{node.pdo}</code></Fact> : null}
        <Edges name="After" edges={before} end="source" onChoose={onChoose} />
        <Edges name="Before" edges={after} end="target" onChoose={onChoose} />
      </dl>
      {node.review ? <Review review={node.review} /> : null}
    </article>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

const MOST = 12;

function Edges({ name, edges, end, onChoose }: { name: string; edges: Graph["edges"]; end: "source" | "target"; onChoose: (node: string) => void }) {
  if (edges.length === 0) return null;
  return (
    <Fact name={name}>
      <ul className="ends">
        {edges.slice(0, MOST).map((each) => (
          <li key={`${each.kind}/${each[end]}`}>
            <button type="button" className="plain tight" onClick={() => onChoose(each[end])}>
              {each[end]}
            </button>{" "}
            <span className="hint">
              {each.kind.toLowerCase().replace("_", " ")}
              {Object.entries(each.carries ?? {}).map(([output, input]) => `, ${output} becomes ${input}`)}
            </span>
          </li>
        ))}
        {edges.length > MOST ? <li className="hint">and {edges.length - MOST} more</li> : null}
      </ul>
    </Fact>
  );
}

function Review({ review }: { review: NonNullable<GraphNode["review"]> }) {
  const [tone, mark] = VERDICTS[review.verdict];
  return (
    <section aria-label="Review">
      <h4>
        Review <Badge tone={tone} mark={mark}>{review.verdict.toLowerCase()}</Badge>
      </h4>
      <Table
        label="What the review found"
        rows={review.findings}
        keyOf={(each) => `${each.check}/${each.text}`}
        tone={(each) => (each.verdict === "FAIL" ? "bad" : undefined)}
        columns={[
          { head: "Check", names: true, cell: (each) => each.check.toLowerCase().replaceAll("_", " ") },
          { head: "Found", cell: (each) => <Badge tone={VERDICTS[each.verdict][0]} mark={VERDICTS[each.verdict][1]}>{each.verdict.toLowerCase()}</Badge> },
          { head: "Says", cell: (each) => each.text ?? "" },
        ]}
      />
      {(review.words ?? []).map((each) => (
        <p key={`${each.role}/${each.by}`}>
          {each.by}, as {each.role}, {each.agrees ? "agrees" : "does not agree"}: “{each.reason}”.
        </p>
      ))}
    </section>
  );
}
