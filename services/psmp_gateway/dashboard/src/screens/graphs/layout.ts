// Where the nodes of a graph stand: in layers from left to right, each behind all that it waits for. Pure.
import type { GraphEdge, GraphNode } from "../../live/graphs";
import { isDone } from "./states";

export const WIDE = 168;
export const HIGH = 44;
const BETWEEN = 62;
const BELOW = 14;
const EDGE = 12;

export interface Place {
  node: GraphNode;
  layer: number;
  /** Its number within the layer, from above. */
  row: number;
  x: number;
  y: number;
}

export interface Layout {
  places: ReadonlyMap<string, Place>;
  layers: readonly (readonly string[])[];
  before: ReadonlyMap<string, readonly string[]>;
  after: ReadonlyMap<string, readonly string[]>;
  width: number;
  height: number;
}

export type Step = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" | "Home" | "End";

/** Nodes stand in graph order: whatever a node waits for comes before it. */
export function layout(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): Layout {
  const before = predecessors(nodes, edges);
  const after = neighbours(nodes, edges, "source", "target");
  const depth = new Map<string, number>();
  for (const { id } of nodes) depth.set(id, Math.max(-1, ...before.get(id)!.map((each) => depth.get(each) ?? -1)) + 1);
  const layers: string[][] = [];
  for (const { id } of nodes) (layers[depth.get(id)!] ??= []).push(id);
  untangle(layers, before, after);
  const most = Math.max(1, ...layers.map((each) => each.length));
  const height = EDGE * 2 + most * (HIGH + BELOW) - BELOW;
  const known = new Map(nodes.map((each) => [each.id, each]));
  const places = new Map<string, Place>();
  layers.forEach((layer, column) => {
    const top = (height - layer.length * (HIGH + BELOW) + BELOW) / 2;
    layer.forEach((id, row) => places.set(id, { node: known.get(id)!, layer: column, row, x: EDGE + column * (WIDE + BETWEEN), y: top + row * (HIGH + BELOW) }));
  });
  return { places, layers, before, after, width: EDGE * 2 + layers.length * (WIDE + BETWEEN) - BETWEEN, height };
}

/** What each node waits for. */
export function predecessors(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): ReadonlyMap<string, readonly string[]> {
  return neighbours(nodes, edges, "target", "source");
}

function neighbours(nodes: readonly GraphNode[], edges: readonly GraphEdge[], of: "source" | "target", to: "source" | "target"): Map<string, string[]> {
  const found = new Map<string, Set<string>>(nodes.map(({ id }) => [id, new Set()]));
  for (const edge of edges) if (found.has(edge[to])) found.get(edge[of])?.add(edge[to]);
  return new Map([...found].map(([id, near]) => [id, [...near]]));
}

/** Puts each node at the height of its neighbours, there and back, so that fewer edges cross. */
function untangle(layers: string[][], before: ReadonlyMap<string, readonly string[]>, after: ReadonlyMap<string, readonly string[]>): void {
  const share = new Map<string, number>();
  const settle = (layer: string[]) => layer.forEach((id, row) => share.set(id, (row + 0.5) / layer.length));
  layers.forEach(settle);
  const sort = (layer: string[], near: ReadonlyMap<string, readonly string[]>) => {
    const middle = new Map(layer.map((id) => [id, mean(near.get(id)!.map((each) => share.get(each)!)) ?? share.get(id)!]));
    layer.sort((one, other) => middle.get(one)! - middle.get(other)!);
    settle(layer);
  };
  for (const layer of layers.slice(1)) sort(layer, before);
  for (const layer of layers.slice(0, -1).reverse()) sort(layer, after);
  for (const layer of layers.slice(1)) sort(layer, before);
}

function mean(values: readonly number[]): number | null {
  return values.length ? values.reduce((sum, each) => sum + each, 0) / values.length : null;
}

/** The node that an arrow leads to: along edges to the left and right, within the layer up and down. */
export function stepped({ places, layers, before, after }: Layout, from: string, step: Step): string {
  const here = places.get(from);
  if (!here) return layers[0]?.[0] ?? from;
  const nearest = (ids: readonly string[]) => [...ids].sort((one, other) => Math.abs(places.get(one)!.y - here.y) - Math.abs(places.get(other)!.y - here.y))[0] ?? from;
  switch (step) {
    case "ArrowRight":
      return nearest(after.get(from) ?? []);
    case "ArrowLeft":
      return nearest(before.get(from) ?? []);
    case "ArrowUp":
      return layers[here.layer]![here.row - 1] ?? from;
    case "ArrowDown":
      return layers[here.layer]![here.row + 1] ?? from;
    case "Home":
      return layers[0]![0]!;
    case "End":
      return layers.at(-1)!.at(-1)!;
  }
}

/** Where work is now: what is not done and waits for nothing before it. */
export function front(nodes: readonly GraphNode[]): readonly GraphNode[] {
  return nodes.filter((each) => !isDone(each.state) && (each.waits_for ?? []).length === 0);
}

/** The longest way that is left, from the front to the end; nobody is done before it is. */
export function longestLeft(nodes: readonly GraphNode[], before: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const open = new Set(nodes.filter((each) => !isDone(each.state)).map((each) => each.id));
  const length = new Map<string, number>();
  const from = new Map<string, string>();
  let last: string | null = null;
  for (const { id } of nodes) {
    if (!open.has(id)) continue;
    let most = 0;
    for (const each of before.get(id) ?? []) {
      if ((length.get(each) ?? 0) > most) {
        most = length.get(each)!;
        from.set(id, each);
      }
    }
    length.set(id, most + 1);
    if (last === null || most + 1 > length.get(last)!) last = id;
  }
  const way: string[] = [];
  for (let id: string | undefined = last ?? undefined; id !== undefined; id = from.get(id)) way.unshift(id);
  return way;
}

/** The line of an edge, bent so that it leaves and comes in level. */
export function line({ places }: Layout, source: string, target: string): string {
  const one = places.get(source);
  const other = places.get(target);
  if (!one || !other) return "";
  const [x, y, u, v] = [one.x + WIDE, one.y + HIGH / 2, other.x, other.y + HIGH / 2];
  const bend = Math.min(BETWEEN * 0.75, (u - x) / 2);
  return `M${x} ${y.toFixed(1)}C${(x + bend).toFixed(1)} ${y.toFixed(1)} ${(u - bend).toFixed(1)} ${v.toFixed(1)} ${u} ${v.toFixed(1)}`;
}

/** A name that fits; the whole of it is told elsewhere. */
export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
