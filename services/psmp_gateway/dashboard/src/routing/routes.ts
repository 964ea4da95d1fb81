// What the address says: which screen, of what. Pure; the address is all the state that a screen has.

export const BASE = "/ui";

export type ProjectTab = "overview" | "dependencies" | "artifacts" | "agents" | "timeline" | "audit";

export type Route =
  | { screen: "projects" }
  | { screen: "project"; project: string; tab: ProjectTab; conflict: string | null }
  | { screen: "operations" }
  | { screen: "charts" }
  | { screen: "nowhere" };

export const TABS: readonly (readonly [ProjectTab, string])[] = [
  ["overview", "Conflicts"],
  ["dependencies", "Dependencies"],
  ["artifacts", "Artifacts"],
  ["agents", "Agents"],
  ["timeline", "Timeline"],
  ["audit", "Audit"],
];

/** The route of a path below BASE. */
export function routeOf(path: string): Route {
  const rest = path.startsWith(BASE) ? path.slice(BASE.length) : path;
  const [first, second, third, fourth, ...more] = rest.split("/").filter(Boolean).map(decoded);
  const nowhere: Route = { screen: "nowhere" };
  if (more.length > 0) return nowhere;
  if (first === undefined) return { screen: "projects" };
  if ((first === "operations" || first === "charts") && second === undefined) return { screen: first };
  if (first !== "projects") return nowhere;
  if (second === undefined) return { screen: "projects" };
  if (third === undefined) return { screen: "project", project: second, tab: "overview", conflict: null };
  if (third === "conflicts") return { screen: "project", project: second, tab: "overview", conflict: fourth ?? null };
  const tab = TABS.find(([name]) => name === third && name !== "overview");
  return tab && fourth === undefined ? { screen: "project", project: second, tab: tab[0], conflict: null } : nowhere;
}

/** The path of a route. */
export function pathOf(route: Exclude<Route, { screen: "nowhere" }>): string {
  if (route.screen === "projects") return `${BASE}/`;
  if (route.screen !== "project") return `${BASE}/${route.screen}`;
  const project = `${BASE}/projects/${encodeURIComponent(route.project)}`;
  if (route.tab !== "overview") return `${project}/${route.tab}`;
  return route.conflict === null ? project : `${project}/conflicts/${encodeURIComponent(route.conflict)}`;
}

export function projectPath(project: string, tab: ProjectTab = "overview", conflict: string | null = null): string {
  return pathOf({ screen: "project", project, tab, conflict });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
