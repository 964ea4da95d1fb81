// How it went: conflicts by severity, how long verdicts took, how much was said; over days, hours or minutes.
import { useId } from "react";
import type { Severity } from "../api/words";
import { useActivity } from "../live/record";
import { useProjects } from "../live/sources";
import { useNow } from "../live/use";
import { Chart } from "../parts/chart";
import { Loading } from "../parts/loading";
import { Fault } from "../parts/notes";
import { SPANS, beginnings, filled, written } from "../parts/reckoning";
import { useTitle } from "../parts/title";
import { count } from "../parts/words";
import { useQuery } from "../routing/address";

const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low"];

export function ChartsScreen() {
  useTitle("Charts");
  const [wanted, setWanted] = useQuery("span", SPANS[0].name);
  const [project, setProject] = useQuery("project");
  const projects = useProjects();
  const field = useId();
  const span = SPANS.find((each) => each.name === wanted) ?? SPANS[0];
  const begins = beginnings(span, useNow(10_000));
  const { data, problem, refresh } = useActivity(begins[0]!, span.stretch, project);
  return (
    <div className="page">
      <div className="head">
        <h1 tabIndex={-1}>Charts</h1>
        <div className="travel">
          <label htmlFor={field}>Over</label>
          <select id={field} value={span.name} onChange={(event) => setWanted(event.target.value)}>
            {SPANS.map((each) => (
              <option key={each.name} value={each.name}>
                {each.label}
              </option>
            ))}
          </select>
          <label htmlFor={`${field}p`}>of</label>
          <select id={`${field}p`} value={project} onChange={(event) => setProject(event.target.value)}>
            <option value="">all projects</option>
            {(projects.data?.items ?? []).map((each) => (
              <option key={each.project} value={each.project}>
                {each.name || each.project}
              </option>
            ))}
          </select>
          <span className="hint">times are UTC{data?.behind ? `; ${count(data.behind, "event")} behind` : ""}</span>
        </div>
      </div>
      {problem ? <Fault problem={problem} retry={refresh} /> : null}
      {data === null ? problem ? null : <Loading what="what happened" /> : <Drawn points={filled(data.items, begins)} stretch={span.stretch} />}
    </div>
  );
}

function Drawn({ points, stretch }: { points: ReturnType<typeof filled>; stretch: (typeof SPANS)[0]["stretch"] }) {
  const labels = points.map(({ begin }) => written(begin, stretch));
  return (
    <>
      <Chart
        id="conflicts"
        title={`Conflicts detected, by ${stretch} and severity`}
        unit="conflicts"
        form="bars"
        labels={labels}
        rows={SEVERITIES.map((each) => ({ name: each, look: each, values: points.map(({ conflicts }) => conflicts?.[each] ?? 0) }))}
      />
      <Chart
        id="verdicts"
        title="From a declaration to its verdict, in milliseconds"
        unit="milliseconds"
        form="lines"
        labels={labels}
        rows={(["p50", "p95", "p99"] as const).map((each) => ({ name: each, look: each, values: points.map(({ seconds }) => (seconds ? seconds[each] * 1000 : null)) }))}
      />
      <Chart
        id="throughput"
        title={`Throughput: events and declarations in a ${stretch}`}
        unit={`in a ${stretch}`}
        form="lines"
        labels={labels}
        rows={[
          { name: "events", look: "p50", values: points.map(({ events }) => events ?? 0) },
          { name: "declarations", look: "p95", values: points.map(({ declarations }) => declarations ?? 0) },
          { name: "refusals", look: "p99", values: points.map(({ refusals }) => refusals ?? 0) },
        ]}
      />
    </>
  );
}
