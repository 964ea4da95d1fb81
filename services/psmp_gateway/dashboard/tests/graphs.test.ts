import { describe, expect, test } from "vitest";
import type { GraphEdge, GraphNode, NodeState } from "../src/live/graphs";
import { cut, front, layout, line, longestLeft, predecessors, stepped } from "../src/screens/graphs/layout";
import { LOOKS, amount, asking, attempt, waiting } from "../src/screens/graphs/states";
import { moment, saying } from "../src/screens/record/times";

function node(id: string, state: NodeState = "ISSUED", waits_for: string[] = []): GraphNode {
  return { id, kind: "AGENT_NODE", state, waits_for, attempt: 1, attempts: 1, failures: 0, cost_micros: 0 } as unknown as GraphNode;
}

function edges(...pairs: string[]): GraphEdge[] {
  return pairs.map((each) => ({ source: each[0]!, target: each[1]!, kind: "DEPENDENCY" }) as GraphEdge);
}

/** a leads to b and c, these to d; c alone to e; d and e to f. */
const NODES = [node("a", "COMPLETE"), node("b", "EXECUTING"), node("c", "COMPLETE"), node("d", "ISSUED", ["b"]), node("e", "FAILED"), node("f", "WAITING", ["d", "e"])];
const EDGES = edges("ab", "ac", "bd", "cd", "ce", "df", "ef");

describe("the drawing of a graph", () => {
  const laid = layout(NODES, EDGES);

  test("has every node in a layer behind all that it waits for", () => {
    expect(laid.layers.map((each) => [...each].sort())).toEqual([["a"], ["b", "c"], ["d", "e"], ["f"]]);
    for (const { source, target } of EDGES) expect(laid.places.get(target)!.x).toBeGreaterThan(laid.places.get(source)!.x);
  });

  test("lets no two nodes of a layer lie on each other, and all within its bounds", () => {
    for (const layer of laid.layers) expect(new Set(layer.map((each) => laid.places.get(each)!.y)).size).toBe(layer.length);
    for (const { x, y } of laid.places.values()) expect(x >= 0 && y >= 0 && x < laid.width && y < laid.height).toBe(true);
  });

  test("is walked along its edges by arrows, and stays where there is no way", () => {
    expect(stepped(laid, "d", "ArrowRight")).toBe("f");
    expect(["b", "c"]).toContain(stepped(laid, "a", "ArrowRight"));
    expect(["b", "c"]).toContain(stepped(laid, "d", "ArrowLeft"));
    expect([stepped(laid, "a", "ArrowLeft"), stepped(laid, "f", "ArrowRight"), stepped(laid, "a", "ArrowUp")]).toEqual(["a", "f", "a"]);
    const [above, below] = laid.layers[1]!;
    expect([stepped(laid, above!, "ArrowDown"), stepped(laid, below!, "ArrowUp")]).toEqual([below, above]);
    expect([stepped(laid, "d", "Home"), stepped(laid, "a", "End"), stepped(laid, "nobody", "End")]).toEqual(["a", "f", "a"]);
  });

  test("draws an edge from the end of one node to the beginning of the other, and none to what is not there", () => {
    expect(line(laid, "a", "b")).toMatch(/^M\d+ [\d.]+C/);
    expect(line(laid, "a", "nobody")).toBe("");
  });

  test("of a thousand nodes in ten layers is reckoned within a moment", () => {
    const many = Array.from({ length: 1000 }, (_, place) => node(`n${place}`));
    const ways = many.flatMap((_, place) => (place < 100 ? [] : [0, 1, 37].map((off) => ({ source: `n${place - 100 - (place % 100) + ((place + off) % 100)}`, target: `n${place}`, kind: "DEPENDENCY" }) as GraphEdge)));
    const began = performance.now();
    expect(layout(many, ways).layers.map((each) => each.length)).toEqual(Array.from({ length: 10 }, () => 100));
    expect(performance.now() - began).toBeLessThan(5000); // some 20 ms, on a machine with nothing else to do
  });
});

describe("where a graph is", () => {
  test("is at what is not done and waits for nothing", () => {
    expect(front(NODES).map((each) => each.id)).toEqual(["b", "e"]);
  });

  test("and the longest way left leads from there to the end", () => {
    expect(longestLeft(NODES, predecessors(NODES, EDGES))).toEqual(["b", "d", "f"]);
    expect(longestLeft([node("a", "COMPLETE")], predecessors([node("a")], []))).toEqual([]);
  });

  test("is said by a mark and a word of its own for each state", () => {
    const said = Object.values(LOOKS).map((each) => each.word);
    expect(new Set(said).size).toBe(said.length);
    expect(Object.values(LOOKS).every((each) => each.mark !== "")).toBe(true);
  });

  test("is told in words", () => {
    expect(waiting(NODES[5]!)).toBe("d, e");
    expect(waiting(node("x", "WAITING", ["a", "b", "c", "d"]))).toBe("a, b and 2 more");
    expect(waiting({ ...node("x", "DISPATCHED"), token: { id: "t", state: "live", expires: "" } })).toBe("its agent to begin");
    expect(waiting({ ...node("x", "BER_PENDING"), review: { verdict: "PENDING", findings: [], waits_for: ["lead"] } })).toBe("the word of a lead");
    expect([asking({ what: "failed", node: "n", text: "" }), asking({ what: "review", node: "n", role: "lead", text: "" }), asking({ what: "approval", role: "lead", text: "" })].map((each) => each.split(" ")[0])).toEqual(["n", "The", "The"]);
    expect([amount(0), amount(1_500_000), amount(2_000)]).toEqual(["", "1.50", "0.002"]);
    const tries = (number: number, attempts: number) => attempt({ ...node("x"), attempt: number, attempts });
    expect([tries(0, 3), tries(3, 3), tries(4, 3)]).toEqual(["", "3 of 3", "4"]);
    expect([cut("short", 8), cut("much too long", 8)]).toEqual(["short", "much to…"]);
  });
});

test("moments of a field are UTC, and nothing said is nothing asked", () => {
  expect([moment("2026-11-21T10:15"), moment("2026-11-21T10:15:30"), moment(""), moment("soon")]).toEqual(["2026-11-21T10:15:00Z", "2026-11-21T10:15:30Z", undefined, undefined]);
  expect([saying(" a "), saying(" ")]).toEqual(["a", undefined]);
});
