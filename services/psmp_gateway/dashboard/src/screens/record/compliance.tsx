// What the record says about the controls of a framework, and the record itself to take home.
import { useState } from "react";
import { Problem, address, unreachable } from "../../api/client";
import { may } from "../../api/session";
import { useProjects } from "../../live/sources";
import { type Asked, type Control, type Report, useReport, written } from "../../live/trail";
import { useSettled } from "../../live/use";
import { Badge } from "../../parts/badge";
import { Lacking } from "../../parts/lacking";
import { Loading } from "../../parts/loading";
import { Commands, Empty, Fault } from "../../parts/notes";
import { Table } from "../../parts/table";
import { useTitle } from "../../parts/title";
import { count } from "../../parts/words";
import { useQuery } from "../../routing/address";
import { Range } from "./range";
import { save } from "./saving";
import { moment, saying } from "./times";

const FRAMEWORKS = [["soc2", "SOC 2"], ["gdpr", "GDPR"], ["hipaa", "HIPAA"]] as const;

export function ComplianceScreen() {
  useTitle("Compliance");
  return (
    <div className="page">
      <div className="head">
        <h1 tabIndex={-1}>Compliance</h1>
        <p className="lead">What the record can show of each control, and what it cannot; and the record, to be checked elsewhere.</p>
      </div>
      {may("inspect") ? (
        <div className="sections">
          <Reports />
          <Exports />
        </div>
      ) : (
        <Lacking permission="inspect" to="see reports and export the record" />
      )}
    </div>
  );
}

function Reports() {
  const [named, setNamed] = useQuery("framework");
  const [since] = useQuery("since");
  const [until] = useQuery("until");
  const framework = FRAMEWORKS.find(([name]) => name === named)?.[0];
  const said = useSettled(framework ? JSON.stringify({ framework, since: moment(since), until: moment(until) }) : "", 300);
  const asked = said ? (JSON.parse(said) as Asked) : null;
  return (
    <section aria-labelledby="reports">
      <h2 id="reports">Reports</h2>
      <div className="filters">
        <fieldset className="forms">
          <legend className="hidden">Framework</legend>
          {FRAMEWORKS.map(([name, words]) => (
            <label key={name} className="choose">
              <input type="radio" name="framework" checked={framework === name} onChange={() => setNamed(name)} />
              {words}
            </label>
          ))}
        </fieldset>
        <Range />
      </div>
      {asked === null ? (
        <Empty title="Choose a framework">
          <p>The report is made anew from the record, which is verified for it. The same from the command line:</p>
          <Commands lines={["psmp report soc2 --keys KEYS"]} />
        </Empty>
      ) : (
        <Made key={said} asked={asked} />
      )}
    </section>
  );
}

function Made({ asked }: { asked: Asked }) {
  const { data, problem, refresh } = useReport(asked);
  if (data === null) return problem ? <Fault problem={problem} retry={refresh} /> : <Loading what="and verifying the record" />;
  return (
    <div className="verdict">
      <p role="status">
        <Badge tone={data.holds ? "good" : "bad"} mark={data.holds ? "✓" : "✗"}>{data.holds ? "the record holds" : "the record is broken"}</Badge> Made at position <span className="sequence">{data.report.position}</span>, over {count(data.report.projects.length, "project")}. It is no opinion of an auditor, and no status says that a control is met.
      </p>
      {data.report.faults.map((each) => (
        <p key={each} className="fault">{each}</p>
      ))}
      <Controls controls={data.report.controls} />
      <Take asked={asked} report={data} />
    </div>
  );
}

function Controls({ controls }: { controls: readonly Control[] }) {
  return (
    <Table
      label="Controls"
      rows={controls}
      keyOf={(each) => each.control}
      columns={[
        { head: "Control", names: true, cell: (each) => <>{each.control}<span className="sub">{each.title}</span></> },
        { head: "Status", cell: (each) => <StatusBadge status={each.status} /> },
        {
          head: "What the record shows",
          cell: (each) => (
            <details>
              <summary>{each.evidence.length ? count(each.evidence.length, "finding") : "nothing found"}</summary>
              <p>What it can show: {each.about}.</p>
              <ul className="evidence">
                {each.evidence.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            </details>
          ),
        },
        { head: "Not proved", cell: (each) => <span className="hint">{each.not_proved}</span> },
      ]}
    />
  );
}

const STATUSES: Record<string, readonly ["good" | "info" | "quiet", string]> = { covered: ["good", "✓"], partly: ["info", "◔"] };

function StatusBadge({ status }: { status: string }) {
  const [tone, mark] = STATUSES[status] ?? ["quiet", "○"];
  return (
    <Badge tone={tone} mark={mark}>
      {status}
    </Badge>
  );
}

function Take({ asked, report }: { asked: Asked; report: Report }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const name = `psmp-${asked.framework}-${report.report.position}`;
  async function markdown(): Promise<void> {
    try {
      save(`${name}.md`, await written(asked), "text/markdown");
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Problem ? error : unreachable(String(error)));
    }
  }
  return (
    <>
      <div className="actions">
        <button type="button" onClick={() => void markdown()}>
          Save it to read (Markdown)
        </button>
        <button type="button" onClick={() => save(`${name}.json`, JSON.stringify(report.report, null, 1), "application/json")}>
          Save it for programs (JSON)
        </button>
      </div>
      {problem ? <Fault problem={problem} /> : null}
      <p className="hint">The same report again:</p>
      <Commands lines={[report.report.again]} />
    </>
  );
}

const FORMATS = [
  ["json", "One document (JSON)"],
  ["csv", "A table (CSV)"],
  ["jsonl", "A bundle that is verified offline (zip)"],
] as const;
const AGENT = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

function Exports() {
  const [project, setProject] = useQuery("project");
  const [format, setFormat] = useQuery("format", "json");
  const [agent, setAgent] = useQuery("agent");
  const [signed, setSigned] = useQuery("signed", "yes");
  const [since] = useQuery("since");
  const [until] = useQuery("until");
  const projects = useProjects();
  const isBundle = format === "jsonl";
  const filters = isBundle ? {} : { since: moment(since), until: moment(until), agent: AGENT.test(agent) ? agent : undefined };
  const query = { format, project: saying(project), ...filters, signed: signed === "yes" };
  return (
    <section aria-labelledby="exports">
      <h2 id="exports">Exports</h2>
      <div className="filters">
        <label className="field">
          What
          <select value={format} onChange={(event) => setFormat(event.target.value)}>
            {FORMATS.map(([name, words]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          Of
          <select value={project} onChange={(event) => setProject(event.target.value)}>
            <option value="">all projects</option>
            {(projects.data?.items ?? []).map((each) => (
              <option key={each.project} value={each.project}>
                {each.name || each.project}
              </option>
            ))}
          </select>
        </label>
        {isBundle ? null : (
          <label className="field">
            Agent
            <input value={agent} maxLength={64} spellCheck={false} placeholder="anybody" onChange={(event) => setAgent(event.target.value)} aria-invalid={agent !== "" && !AGENT.test(agent)} />
          </label>
        )}
        <label className="check">
          <input type="checkbox" checked={signed === "yes"} onChange={(event) => setSigned(event.target.checked ? "yes" : "no")} />
          Signed
        </label>
        <a className="button primary" download href={address("/api/v1/governance/compliance/export", { query })}>
          Download
        </a>
      </div>
      <p className="hint">
        {isBundle ? "A bundle leaves nothing out, so time and agent do not count for it. Whoever has it needs this deployment no more:" : "The time above counts here, too. An extract proves nothing by itself; a bundle does:"}
      </p>
      <Commands lines={["psmp verify default.zip --keys KEYS"]} />
    </section>
  );
}
