// What was declared, by whom, in which state; and the paths that are claimed.
import type { Artifact, PathClaim, Status } from "../../api/words";
import { Badge } from "../../parts/badge";
import { Commands, Empty } from "../../parts/notes";
import { Table } from "../../parts/table";
import { Ago } from "../../parts/time";
import { useQuery } from "../../routing/address";
import { Choice } from "./dependencies";

const TONES: Record<string, readonly ["good" | "warn" | "quiet", string]> = {
  ACTIVE: ["good", "✓"],
  DRAFT: ["warn", "○"],
  DEPRECATED: ["quiet", "▽"],
  ARCHIVED: ["quiet", "▽"],
};

export function Artifacts({ status }: { status: Status }) {
  const [state, setState] = useQuery("state");
  const [agent, setAgent] = useQuery("agent");
  const [text, setText] = useQuery("q");
  if (status.artifacts.length === 0) {
    return (
      <Empty title="Nothing is declared yet">
        <p>An artifact is what an agent made: code, a configuration, a model, data, a plan, an analysis.</p>
        <Commands lines={[`psmp declare ${status.project} --agent me --artifact backend --path src/app.py --dep 'fastapi>=0.100'`]} />
      </Empty>
    );
  }
  const agents = [...new Set(status.artifacts.map((each) => each.agent))].sort();
  const rows = status.artifacts.filter((each) => (!state || each.status === state) && (!agent || each.agent === agent) && `${each.artifact} ${each.summary ?? ""}`.toLowerCase().includes(text.trim().toLowerCase()));
  const claims = rows.flatMap((artifact) => artifact.paths.map((claim, place) => ({ artifact, claim, key: `${artifact.artifact}/${place}` })));
  claims.sort((one, other) => one.claim.path.localeCompare(other.claim.path) || one.artifact.artifact.localeCompare(other.artifact.artifact));
  return (
    <div className="sections">
      <section aria-labelledby="artifacts">
        <div className="tools">
          <h2 id="artifacts">Artifacts</h2>
          <Choice name="State" value={state} onChange={setState} options={["ACTIVE", "DRAFT", "ARCHIVED"]} />
          <Choice name="Agent" value={agent} onChange={setAgent} options={agents} />
          <label className="search">
            <span className="hidden">Find in artifacts</span>
            <input type="search" placeholder="Artifact, what it is" value={text} onChange={(event) => setText(event.target.value)} />
          </label>
        </div>
        {rows.length === 0 ? <p className="none">No artifact fits this.</p> : <ArtifactTable rows={rows} />}
      </section>
      <section aria-labelledby="paths">
        <h2 id="paths">Paths</h2>
        {claims.length === 0 ? (
          <p className="none">No path is claimed. With <code>--path src/app.py</code> or <code>--from-diff main</code> agents say what they touch.</p>
        ) : (
          <Table
            label="Claimed paths"
            rows={claims}
            keyOf={(row) => row.key}
            columns={[
              { head: "Path", cell: ({ claim }) => <code>{claim.path}</code>, names: true },
              { head: "Does", cell: ({ claim }) => (claim.moved ? `moves to ${claim.moved}` : (claim.mode ?? "write")) },
              { head: "Lines", cell: ({ claim }) => lines(claim) },
              { head: "Of", cell: ({ claim }) => (claim.base ? <code>{claim.base.slice(0, 12)}</code> : ""), optional: true },
              { head: "Who", cell: ({ artifact }) => artifact.agent },
              { head: "Artifact", cell: ({ artifact }) => `${artifact.artifact} v${artifact.version}` },
            ]}
          />
        )}
      </section>
    </div>
  );
}

function ArtifactTable({ rows }: { rows: readonly Artifact[] }) {
  return (
    <Table
      label="Artifacts"
      rows={rows}
      keyOf={(each) => each.artifact}
      columns={[
        {
          head: "Artifact",
          names: true,
          cell: (each) => (
            <>
              {each.artifact} <span className="version">v{each.version}</span>
              {each.summary ? <span className="sub">{each.summary}</span> : null}
            </>
          ),
        },
        { head: "State", cell: (each) => <State status={each.status} /> },
        { head: "Type", cell: (each) => each.type },
        { head: "Agent", cell: (each) => each.agent },
        { head: "Environment", cell: (each) => [each.environment ?? "shared", each.requires_python ? `Python ${each.requires_python}` : ""].filter(Boolean).join(", ") },
        { head: "Needs", cell: (each) => each.dependencies.length || "", number: true },
        { head: "Paths", cell: (each) => each.paths.length || "", number: true },
        {
          head: "Declared",
          cell: (each) => (
            <>
              <span className="sequence">{each.sequence}</span> · <Ago time={each.time} />
            </>
          ),
        },
      ]}
    />
  );
}

function State({ status }: { status: string }) {
  const [tone, mark] = TONES[status] ?? ["quiet", "○"];
  return (
    <Badge tone={tone} mark={mark}>
      {status.toLowerCase()}
    </Badge>
  );
}

function lines({ ranges }: PathClaim): string {
  if (!ranges) return "all";
  return ranges.map(([begin, end]) => (end - begin <= 1 ? String(begin) : `${begin}–${end - 1}`)).join(", ");
}
