// What the screens of graphs read: those of a project, and one with all its nodes.
import { get, request } from "../api/client";
import type { components } from "../api/schema";
import type { LogEvent } from "./event";
import type { Source } from "./resource";
import { useResource } from "./use";

type Schemas = components["schemas"];
export type Graph = Schemas["Orchestration"];
export type GraphLine = Schemas["OrchestrationLine"];
export type GraphNode = Schemas["SeenNode"];
export type GraphEdge = Schemas["SeenEdge"];
export type NodeState = GraphNode["state"];
export type Awaited = Schemas["Awaited"];

const OF_GRAPHS = /^(maeg|subpac|ber|pdo|wrap|slot|artifact|conflict|project)\./;
const MOST = 500;
/** Nodes from which on a graph is read less often, for there is more to read. */
const LARGE = 300;

export function useGraphs(project: string) {
  return useResource(`graphs/${project}`, () => ({
    spacing: 400,
    concerns: (event: LogEvent) => event.project === project && OF_GRAPHS.test(event.kind),
    async load(signal: AbortSignal) {
      const page = await get("/api/v1/projects/{project}/orchestrations", { path: { project }, query: { limit: MOST }, signal });
      return { data: page.items };
    },
  }));
}

/** `at` is the event as of which it is read; null is now. What is known already is not sent again. */
function graph(project: string, maeg: string, at: number | null): Source<Graph> {
  const source: Source<Graph> = {
    spacing: 250,
    concerns: (event) => at === null && event.project === project && OF_GRAPHS.test(event.kind),
    async load(signal, before) {
      const headers: Record<string, string> = before === null ? {} : { "If-None-Match": `"${before.sequence}"` };
      const query = { sequence: at ?? undefined };
      const response = await request("GET", "/api/v1/projects/{project}/orchestrations/{maeg}", { path: { project, maeg }, query, headers, signal });
      const data = response.status === 304 && before !== null ? before : ((await response.json()) as Graph);
      source.spacing = data.nodes.length > LARGE ? 1000 : 250;
      return { data };
    },
  };
  return source;
}

export function useGraph(project: string, maeg: string, at: number | null) {
  return useResource(`graph/${project}/${maeg}/${at ?? "now"}`, () => graph(project, maeg, at));
}
