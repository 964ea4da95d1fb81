// What the address says: which screen, of what. Pure; the address is all the state that a screen has.

export const BASE = "/ui";

export type ProjectTab = "overview" | "tasks" | "dependencies" | "artifacts" | "agents" | "graphs" | "timeline" | "audit" | "settings";

export type Route =
  | { screen: "projects" }
  | { screen: "project"; project: string; tab: ProjectTab; conflict: string | null; graph: string | null }
  | { screen: "operations" }
  | { screen: "charts" }
  | { screen: "audit" }
  | { screen: "compliance" }
  | { screen: "nowhere" };

export const TABS: readonly (readonly [ProjectTab, string])[] = [
  ["overview", "Conflicts"],
  ["tasks", "Tasks"],
  ["dependencies", "Dependencies"],
  ["artifacts", "Artifacts"],
  ["agents", "Agents"],
  ["graphs", "Graphs"],
  ["timeline", "Timeline"],
  ["audit", "Audit"],
  ["settings", "Settings"],
];

const ALONE = ["operations", "charts", "audit", "compliance"] as const;

/** The route of a path below BASE. */
export function routeOf(path: string): Route {
  const rest = path.startsWith(BASE) ? path.slice(BASE.length) : path;
  const [first, second, third, fourth, ...more] = rest.split("/").filter(Boolean).map(decoded);
  const nowhere: Route = { screen: "nowhere" };
  if (more.length > 0) return nowhere;
  if (first === undefined) return { screen: "projects" };
  const alone = ALONE.find((each) => each === first);
  if (alone !== undefined && second === undefined) return { screen: alone };
  if (first !== "projects") return nowhere;
  if (second === undefined) return { screen: "projects" };
  const about = { screen: "project", project: second, conflict: null, graph: null } as const;
  if (third === undefined) return { ...about, tab: "overview" };
  if (third === "conflicts") return { ...about, tab: "overview", conflict: fourth ?? null };
  const tab = TABS.find(([name]) => name === third && name !== "overview");
  if (tab?.[0] === "graphs") return { ...about, tab: "graphs", graph: fourth ?? null };
  return tab && fourth === undefined ? { ...about, tab: tab[0] } : nowhere;
}

/** The path of a route. */
export function pathOf(route: Exclude<Route, { screen: "nowhere" }>): string {
  if (route.screen === "projects") return `${BASE}/`;
  if (route.screen !== "project") return `${BASE}/${route.screen}`;
  const project = `${BASE}/projects/${encodeURIComponent(route.project)}`;
  if (route.tab === "graphs" && route.graph !== null) return `${project}/graphs/${encodeURIComponent(route.graph)}`;
  if (route.tab !== "overview") return `${project}/${route.tab}`;
  return route.conflict === null ? project : `${project}/conflicts/${encodeURIComponent(route.conflict)}`;
}

export function projectPath(project: string, tab: ProjectTab = "overview", conflict: string | null = null): string {
  return pathOf({ screen: "project", project, tab, conflict, graph: null });
}

export function graphPath(project: string, graph: string): string {
  return pathOf({ screen: "project", project, tab: "graphs", conflict: null, graph });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
