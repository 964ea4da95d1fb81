// What a person is asked for about a graph, and may say: a word on a result, once more, agreed, given up.
import { type FormEvent, useId, useState } from "react";
import { Problem, post, unreachable } from "../../api/client";
import { may } from "../../api/session";
import { store } from "../../live/store";
import type { Graph, GraphNode } from "../../live/graphs";
import { Acting } from "../../parts/acting";
import { Lacking } from "../../parts/lacking";
import { Fault } from "../../parts/notes";

const GRAPH = "/api/v1/projects/{project}/orchestrations/{maeg}";

function pathOf(graph: Graph, node: GraphNode) {
  return { path: { project: graph.project, maeg: graph.id, node: node.id } };
}

function said(graph: Graph, what: "approve" | "abandon") {
  const at = { path: { project: graph.project, maeg: graph.id } };
  return (reason: string) => post(`${GRAPH}/${what}`, at, { reason });
}

/** What was asked for is said, and its form may go: who uses the keyboard goes on from what it was about. */
function onwards(title: string): void {
  document.querySelector<HTMLElement>(title)?.focus({ preventScroll: true });
}

const toTheWhole = () => onwards("#graph");
const toTheNode = (node: GraphNode) => onwards(`[data-node-title="${CSS.escape(node.id)}"]`);

/** What is to be said of the whole, while it is open. */
export function OfTheWhole({ graph }: { graph: Graph }) {
  if (graph.state === "SETTLED" || graph.state === "ABANDONED") return null;
  const isAsked = (graph.for_a_person ?? []).some((each) => each.what === "approval");
  return (
    <section aria-label="What becomes of the whole" className="asks">
      {isAsked ? (
        <div className="ask">
          <h3>Agree to the whole</h3>
          <p className="hint">All outcomes are final, under the root {graph.root?.slice(0, 12)}. It is settled once, and not undone.</p>
          <Acting permission="govern" about={graph.id} acts={{ Approve: said(graph, "approve") }} done={toTheWhole} />
        </div>
      ) : null}
      {may("govern") ? (
        <details>
          <summary>Give the graph up</summary>
          <p className="hint">Nothing of it is done any more, and nothing of it is settled. That cannot be taken back.</p>
          <Acting permission="govern" about={graph.id} acts={{ Abandon: said(graph, "abandon") }} done={toTheWhole} />
        </details>
      ) : (
        <Lacking permission="govern" to={isAsked ? "agree to the whole, or give it up," : "give it up"} />
      )}
    </section>
  );
}

/** What is to be said of a node: a person's word that its review waits for, or that it is to be done once more. */
export function OfANode({ graph, node }: { graph: Graph; node: GraphNode }) {
  if (graph.state === "SETTLED" || graph.state === "ABANDONED" || node.kind !== "AGENT_NODE") return null;
  const roles = node.review?.waits_for ?? [];
  const isFailed = node.state === "FAILED";
  const canBeCorrected = graph.state === "OPEN" && (isFailed || node.state === "COMPLETE");
  if (roles.length === 0 && !canBeCorrected) return null;
  if (!may("resolve")) return <Lacking permission="resolve" to={roles.length ? "give a word on the result" : "have it done once more"} />;
  return (
    <div className="asks">
      {roles.map((role) => (
        <Word key={`${role}/${node.attempt}`} graph={graph} node={node} role={role} />
      ))}
      {canBeCorrected ? (
        <div className="ask">
          <h3>Have it done once more</h3>
          <p className="hint">{isFailed ? "It goes to its agent again, with what was found and with the reason." : "It is done: what depends on it is done again as well, where its outcome changes."}</p>
          <Acting permission="resolve" about={node.id} acts={{ Correct: (reason) => post(`${GRAPH}/nodes/{node}/correct`, pathOf(graph, node), { reason }) }} done={() => toTheNode(node)} />
        </div>
      ) : null}
    </div>
  );
}

function Word({ graph, node, role }: { graph: Graph; node: GraphNode; role: string }) {
  const [agrees, setAgrees] = useState<boolean | null>(null);
  const [reason, setReason] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const group = useId();

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (isBusy || agrees === null) return;
    setBusy(true);
    try {
      await post(`${GRAPH}/nodes/{node}/review`, pathOf(graph, node), { role, agrees, reason });
      setProblem(null);
      toTheNode(node);
    } catch (error) {
      setProblem(error instanceof Problem ? error : unreachable(String(error)));
    } finally {
      setBusy(false);
      store.anew();
    }
  }

  return (
    <form className="ask" onSubmit={(event) => void submit(event)}>
      <h3>The word of a {role} on the result</h3>
      <fieldset className="forms">
        <legend className="hidden">Is the result good?</legend>
        {([[true, "It is good"], [false, "It is not"]] as const).map(([value, words]) => (
          <label key={words} className="choose">
            <input type="radio" name={group} required checked={agrees === value} onChange={() => setAgrees(value)} />
            {words}
          </label>
        ))}
      </fieldset>
      <label className="field">
        Why, which stays in the record
        <textarea rows={2} maxLength={2000} required value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
      <div className="actions">
        <button type="submit" className="primary" disabled={isBusy || agrees === null}>
          {isBusy ? "Saying it …" : `Give the word on ${node.id}`}
        </button>
      </div>
      <div aria-live="polite">{problem ? <Fault problem={problem} /> : null}</div>
    </form>
  );
}
