// All that the project needs: package, versions, who, why, and where that is written.
import type { Status } from "../../api/words";
import { Commands, Empty } from "../../parts/notes";
import { Table } from "../../parts/table";
import { count } from "../../parts/words";
import { useQuery } from "../../routing/address";
import { Link } from "../../routing/link";
import { projectPath } from "../../routing/routes";
import { type Need, needs, wanted } from "./needs";

export function Dependencies({ status }: { status: Status }) {
  const [text, setText] = useQuery("q");
  const [scope, setScope] = useQuery("scope");
  const [ecosystem, setEcosystem] = useQuery("ecosystem");
  const [clashing, setClashing] = useQuery("clashing");
  const all = needs(status);
  const rows = wanted(all, { text, scope, ecosystem, clashing: clashing !== "" });
  if (all.length === 0) {
    return (
      <Empty title="Nothing is needed yet">
        <p>What artifacts need is declared with them, or read from a manifest:</p>
        <Commands lines={[`psmp declare ${status.project} --agent me --artifact backend --from pyproject.toml`]} />
      </Empty>
    );
  }
  const packages = new Set(rows.map((each) => `${each.ecosystem}/${each.name}`)).size;
  return (
    <section aria-label="Dependencies">
      <div className="tools">
        <p className="hint" role="status">
          {count(rows.length, "need")} of {count(packages, "package")}
        </p>
        <Choice name="Scope" value={scope} onChange={setScope} options={["runtime", "dev", "build"]} />
        <Choice name="Ecosystem" value={ecosystem} onChange={setEcosystem} options={["pypi", "npm"]} />
        <label className="check">
          <input type="checkbox" checked={clashing !== ""} onChange={(event) => setClashing(event.target.checked ? "yes" : "")} />
          In conflict
        </label>
        <label className="search">
          <span className="hidden">Find in dependencies</span>
          <input type="search" placeholder="Package, agent, why, file" value={text} onChange={(event) => setText(event.target.value)} />
        </label>
      </div>
      {rows.length === 0 ? <p className="none">Nothing is needed that fits this.</p> : <NeedsTable status={status} rows={rows} />}
    </section>
  );
}

function NeedsTable({ status, rows }: { status: Status; rows: readonly Need[] }) {
  return (
    <Table
      label="What is needed"
      rows={rows}
      keyOf={(need) => need.key}
      tone={(need) => (need.conflict ? "bad" : undefined)}
      columns={[
        { head: "Package", names: true, cell: (need) => <Package need={need} /> },
        { head: "Needs", cell: (need) => <code>{need.reference ? `@ ${need.reference}` : need.constraint || "any"}</code> },
        { head: "Who", cell: (need) => need.agent },
        { head: "Why", cell: (need) => need.purpose, optional: true },
        { head: "Artifact", cell: (need) => `${need.artifact} v${need.version}` },
        { head: "Where", cell: (need) => (need.location ? <code>{need.location}</code> : ""), optional: true },
        { head: "Event", cell: (need) => <span className="sequence">{need.sequence}</span>, number: true },
        {
          head: "Stands",
          cell: (need) => (need.conflict ? <Link href={projectPath(status.project, "overview", need.conflict)}>✗ {need.conflict}</Link> : "✓"),
        },
      ]}
    />
  );
}

function Package({ need }: { need: Need }) {
  const more = [need.ecosystem, need.scope === "runtime" ? "" : need.scope, need.marker ? `where ${need.marker}` : "", need.shared > 1 ? `needed by ${need.shared}` : ""];
  return (
    <>
      {need.name}
      {need.extras.length ? `[${need.extras.join(",")}]` : ""}
      <span className="sub">{more.filter(Boolean).join(" · ")}</span>
    </>
  );
}

interface ChoiceProps {
  name: string;
  value: string;
  onChange: (value: string) => void;
  /** A value with its name, where that is another. */
  options: readonly (string | readonly [string, string])[];
  /** What no choice means. */
  all?: string;
}

export function Choice({ name, value, onChange, options, all = "all" }: ChoiceProps) {
  return (
    <label className="choose">
      {name}
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{all}</option>
        {options.map((each) => {
          const [said, called] = typeof each === "string" ? [each, each] : each;
          return (
            <option key={said} value={said}>
              {called}
            </option>
          );
        })}
      </select>
    </label>
  );
}
