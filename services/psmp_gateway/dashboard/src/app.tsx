// The shell: where one is, whether what is shown is live, and the screen that the address names.
import { useEffect, useRef } from "react";
import type { Problem } from "./api/client";
import { signOut } from "./api/session";
import { useWho } from "./live/use";
import { Unread } from "./parts/notes";
import { LiveMark, StaleBar } from "./parts/live";
import { choose, type Theme, useTheme } from "./parts/theme";
import { usePath } from "./routing/address";
import { Link } from "./routing/link";
import { BASE, type Route, pathOf, routeOf } from "./routing/routes";
import { ChartsScreen } from "./screens/charts";
import { Login } from "./screens/login";
import { Nowhere } from "./screens/nowhere";
import { OperationsScreen } from "./screens/operations";
import { ProjectScreen } from "./screens/project/project";
import { ProjectsScreen } from "./screens/projects";
import { ComplianceScreen } from "./screens/record/compliance";
import { TrailScreen } from "./screens/record/trail";

export function App() {
  const path = usePath();
  const who = useWho();
  const isSignedIn = who.state === "in";
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const route = routeOf(path);
  // Whoever goes to another screen is put at its beginning, and is told so by a screen reader.
  const place = route.screen === "project" ? `${route.screen}/${route.project}/${route.tab}` : route.screen;
  useEffect(() => {
    if (!isFirst.current) main.current?.querySelector<HTMLElement>("h1")?.focus();
    isFirst.current = false;
  }, [place, isSignedIn]);
  return (
    <>
      <a className="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to the content
      </a>
      <header className="bar">
        <Link href={`${BASE}/`} className="wordmark" aria-label="PSMP, all projects">
          <Mark />
          PSMP
        </Link>
        {isSignedIn ? <Places route={route} /> : null}
        <div className="right">
          {isSignedIn ? <LiveMark /> : null}
          <ThemeChoice />
          {who.state === "in" ? (
            <span className="who">
              <span title={`of ${who.session.tenant}`}>
                {who.session.agent} <span className="role">as {who.session.role}</span>
              </span>
              <button type="button" className="plain" onClick={() => void signOut()}>
                Sign out
              </button>
            </span>
          ) : null}
        </div>
      </header>
      {isSignedIn ? <StaleBar /> : null}
      <main id="main" ref={main} tabIndex={-1}>
        {who.state === "in" ? <Screen route={route} /> : who.state === "out" ? <Login why={who.why} /> : <Asking problem={who.problem} />}
      </main>
    </>
  );
}

function Asking({ problem }: { problem: Problem | null }) {
  return <Unread title="PSMP" problem={problem} />;
}

function Screen({ route }: { route: Route }) {
  switch (route.screen) {
    case "projects":
      return <ProjectsScreen />;
    case "project":
      return <ProjectScreen key={route.project} {...route} />;
    case "operations":
      return <OperationsScreen />;
    case "charts":
      return <ChartsScreen />;
    case "audit":
      return <TrailScreen />;
    case "compliance":
      return <ComplianceScreen />;
    default:
      return <Nowhere />;
  }
}

/** The places of the first level. A screen that is added stands here, in `Screen` and in `routeOf`. */
const PLACES = [["projects", "Projects"], ["operations", "Operations"], ["audit", "Audit"], ["compliance", "Compliance"], ["charts", "Charts"]] as const;

function Places({ route }: { route: Route }) {
  return (
    <nav aria-label="Places" className="places">
      {PLACES.map(([screen, name]) => {
        const isHere = route.screen === screen || (screen === "projects" && route.screen === "project");
        return (
          <Link key={screen} href={pathOf({ screen })} aria-current={isHere ? (route.screen === screen ? "page" : "true") : undefined}>
            {name}
          </Link>
        );
      })}
    </nav>
  );
}

const THEMES: readonly (readonly [Theme, string])[] = [
  ["auto", "Auto"],
  ["light", "Light"],
  ["dark", "Dark"],
];

function ThemeChoice() {
  const theme = useTheme();
  return (
    <label className="theme">
      <span className="hidden">Colours</span>
      <select value={theme} onChange={(event) => choose(event.target.value as Theme)}>
        {THEMES.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Two ranges that do not meet. */
function Mark() {
  return (
    <svg className="mark" viewBox="0 0 20 20" aria-hidden="true">
      <path className="one" d="M2 6h10" />
      <path className="other" d="M8 14h10" />
    </svg>
  );
}
