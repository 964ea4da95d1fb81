import { describe, expect, test } from "vitest";
import { type Route, TABS, pathOf, routeOf } from "../src/routing/routes";

describe("addresses", () => {
  const routes: Exclude<Route, { screen: "nowhere" }>[] = [
    { screen: "projects" },
    ...TABS.map(([tab]) => ({ screen: "project", project: "rag-chatbot", tab, conflict: null, graph: null }) as const),
    { screen: "project", project: "rag", tab: "overview", conflict: "C-12", graph: null },
    { screen: "project", project: "rag", tab: "graphs", conflict: null, graph: "MAEG-LOGIN" },
    ...(["operations", "charts", "audit", "compliance"] as const).map((screen) => ({ screen })),
  ];

  test.each(routes)("of %o lead back to it", (route) => {
    expect(routeOf(pathOf(route))).toEqual(route);
  });

  test("that nobody has made lead nowhere", () => {
    for (const path of ["/ui/x", "/ui/projects/a/b", "/ui/projects/a/artifacts/x", "/ui/projects/a/conflicts/C-1/x", "/ui/projects/a/graphs/M/x", "/ui/charts/x"]) {
      expect(routeOf(path), path).toEqual({ screen: "nowhere" });
    }
  });

  test("with a damaged escape are taken as they are", () => {
    expect(routeOf("/ui/projects/%zz")).toMatchObject({ project: "%zz" });
  });
});
