// A graph, drawn in layers. Arrow keys go along its edges, Enter opens a node; the table of the same address says the same.
import { type KeyboardEvent, memo, useEffect, useMemo, useRef, useState } from "react";
import type { Graph, GraphNode, NodeState } from "../../live/graphs";
import { HIGH, type Layout, type Step, WIDE, cut, front, layout, line, longestLeft, stepped } from "./layout";
import { KINDS, LOOKS, attempt, waiting } from "./states";

const STEPS: readonly string[] = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];

interface DrawingProps {
  graph: Graph;
  chosen: string;
  onChoose: (node: string) => void;
}

export function Drawing({ graph, chosen, onChoose }: DrawingProps) {
  // Where nodes stand follows from the graph alone, which never changes: only their states do.
  const laid = useMemo(() => layout(graph.nodes, graph.edges), [graph.id, graph.graph_digest]);
  const now = useMemo(() => new Map(graph.nodes.map((each) => [each.id, each])), [graph]);
  const fronts = useMemo(() => new Set(front(graph.nodes).map((each) => each.id)), [graph]);
  const way = useMemo(() => longestLeft(graph.nodes, laid.before), [graph, laid]);
  const [at, setAt] = useState(chosen || ([...fronts][0] ?? graph.nodes[0]?.id ?? ""));
  const box = useRef<HTMLDivElement>(null);
  const isMoved = useRef(false);

  useEffect(() => {
    const found = box.current?.querySelector<SVGGElement>(`[data-node="${CSS.escape(at)}"]`);
    if (isMoved.current) found?.focus();
    isMoved.current = false;
  }, [at]);
  useEffect(() => show(box.current, laid, at), [laid]);

  function press(event: KeyboardEvent<SVGSVGElement>): void {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      onChoose(at);
    } else if (STEPS.includes(event.key)) {
      event.preventDefault();
      isMoved.current = true;
      setAt(stepped(laid, at, event.key as Step));
    }
  }

  const about = useMemo(() => graph.edges.filter((each) => each.source === chosen || each.target === chosen), [graph.graph_digest, chosen]);
  return (
    <div className="graphbox" ref={box}>
      <svg width={laid.width} height={laid.height} role="group" aria-label={`${graph.id}, ${graph.nodes.length} nodes. Arrow keys go along the edges, Enter opens a node.`} onKeyDown={press}>
        <Edges laid={laid} graph={graph} />
        <path className="edge front" d={graph.edges.filter((each) => fronts.has(each.target)).map((each) => line(laid, each.source, each.target)).join("")} />
        <path className="edge way" d={way.slice(1).map((id, place) => line(laid, way[place]!, id)).join("")} />
        <path className="edge chosen" d={about.map((each) => line(laid, each.source, each.target)).join("")} />
        {[...laid.places.values()].map(({ node: { id }, x, y }) => {
          const node = now.get(id)!;
          return <Mark key={id} id={id} kind={node.kind} state={node.state} agent={node.agent_name || (node.agent ?? "")} told={told(node)} x={x} y={y} isChosen={id === chosen} isAt={id === at} isFront={fronts.has(id)} onOpen={onChoose} onFocus={setAt} />;
        })}
      </svg>
    </div>
  );
}

/** Scrolls to a node without moving the page. */
function show(box: HTMLDivElement | null, laid: Layout, at: string): void {
  const place = laid.places.get(at);
  if (box && place) box.scrollTo({ left: place.x - box.clientWidth / 2 + WIDE / 2, top: place.y - box.clientHeight / 2 + HIGH / 2 });
}

/** All edges as one path: it is drawn once, however many nodes change. */
const Edges = memo(
  function Edges({ laid, graph }: { laid: Layout; graph: Graph }) {
    const of = (kinds: readonly string[]) => graph.edges.filter((each) => kinds.includes(each.kind)).map((each) => line(laid, each.source, each.target)).join("");
    return (
      <>
        <path className="edge" d={of(["DEPENDENCY", "BARRIER"])} />
        <path className="edge data" d={of(["DATA_FLOW"])} />
      </>
    );
  },
  (one, other) => one.laid === other.laid,
);

function told(node: GraphNode): string {
  const waits = waiting(node);
  const about = [KINDS[node.kind], node.agent ? `agent ${node.agent_name || node.agent}` : "", LOOKS[node.state].word, node.attempt ? `attempt ${attempt(node)}` : "", node.stale ? "its inputs have changed" : "", waits ? `waits for ${waits}` : ""];
  return `${node.id}: ${about.filter(Boolean).join(", ")}`;
}

interface MarkProps {
  id: string;
  kind: GraphNode["kind"];
  state: NodeState;
  agent: string;
  told: string;
  x: number;
  y: number;
  isChosen: boolean;
  isAt: boolean;
  isFront: boolean;
  onOpen: (node: string) => void;
  onFocus: (node: string) => void;
}

/** A node: its outline and mark are those of its state, which a word says as well; what is no agent has cut corners. */
const Mark = memo(function Mark({ id, kind, state, agent, told: name, x, y, isChosen, isAt, isFront, onOpen, onFocus }: MarkProps) {
  const look = LOOKS[state];
  const cuts = HIGH / 4;
  const shape = kind === "AGENT_NODE" ? `M0 0H${WIDE}V${HIGH}H0Z` : `M${cuts} 0H${WIDE - cuts}L${WIDE} ${cuts}V${HIGH - cuts}L${WIDE - cuts} ${HIGH}H${cuts}L0 ${HIGH - cuts}V${cuts}Z`;
  const under = kind === "AGENT_NODE" ? agent : KINDS[kind];
  return (
    <g
      className={`node ${look.tone} ${look.outline}${isFront ? " isfront" : ""}${isChosen ? " ischosen" : ""}`}
      transform={`translate(${x} ${y.toFixed(1)})`}
      role="button"
      aria-description={name}
      aria-pressed={isChosen}
      tabIndex={isAt ? 0 : -1}
      data-node={id}
      data-state={state}
      onClick={() => onOpen(id)}
      onFocus={() => onFocus(id)}
    >
      <path className="shape" d={shape} />
      {look.outline === "double" ? <path className="inner" d={`M4 4H${WIDE - 4}V${HIGH - 4}H4Z`} /> : null}
      <text className="mark" aria-hidden="true" x={16} y={HIGH / 2 + 5} textAnchor="middle">
        {look.mark}
      </text>
      <text className="name" x={30} y={18}>
        {cut(id, 17)}
      </text>
      <text className="under" x={30} y={35}>
        {cut(`${look.word}${under ? ` · ${under}` : ""}`, 22)}
      </text>
    </g>
  );
});
