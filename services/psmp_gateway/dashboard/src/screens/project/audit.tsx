// The record of a project: verified now, each event proved, its checkpoints as they were signed, and what to take home.
import { useId, useState } from "react";
import { Problem, address, post, unreachable } from "../../api/client";
import { may } from "../../api/session";
import type { Status } from "../../api/words";
import { type Checkpoint, type Verification, bytesOf, useCheckpoints, useProof } from "../../live/record";
import { Badge } from "../../parts/badge";
import { Lacking } from "../../parts/lacking";
import { Loading } from "../../parts/loading";
import { Commands, Fault } from "../../parts/notes";
import { Table } from "../../parts/table";
import { Ago } from "../../parts/time";
import { count } from "../../parts/words";
import { useQuery } from "../../routing/address";
import { Link } from "../../routing/link";
import { BASE } from "../../routing/routes";
import { checkInclusion } from "../record/checking";
import { Extends } from "../record/extends";
import { save } from "../record/saving";
import { Steps } from "../record/steps";

export function Audit({ status }: { status: Status }) {
  return (
    <div className="sections">
      <Verify project={status.project} />
      <Prove status={status} />
      <Extends status={status} />
      <Checkpoints project={status.project} />
      <Take project={status.project} />
    </div>
  );
}

function Verify({ project }: { project: string }) {
  const [isBusy, setBusy] = useState(false);
  const [found, setFound] = useState<Verification | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function verify(): Promise<void> {
    if (isBusy) return;
    setBusy(true);
    try {
      setFound(await post("/api/v1/projects/{project}/verify", { path: { project } }, undefined as never));
      setProblem(null);
    } catch (error) {
      setFound(null);
      setProblem(error instanceof Problem ? error : unreachable(String(error)));
    } finally {
      setBusy(false);
    }
  }

  return (
    <section aria-labelledby="verify">
      <h2 id="verify">Does the record hold?</h2>
      <Lacking permission="inspect" to="have it verified" />
      {may("inspect") ? (
        <div className="actions">
          <button type="button" className="primary" onClick={() => void verify()} disabled={isBusy}>
            {isBusy ? "Verifying …" : "Verify now"}
          </button>
          <span className="hint">walks the whole ledger and holds it against the log and the newest checkpoint</span>
        </div>
      ) : null}
      <div aria-live="polite">
        {problem ? <Fault problem={problem} /> : null}
        {found ? <Found found={found} /> : null}
      </div>
    </section>
  );
}

function Found({ found }: { found: Verification }) {
  return (
    <div className="verdict">
      <p>
        <Badge tone={found.holds ? "good" : "bad"} mark={found.holds ? "✓" : "✗"}>
          {found.holds ? "holds" : "does not hold"}
        </Badge>{" "}
        {count(found.records, "record")} in {found.seconds.toFixed(2)} s, up to position <span className="sequence">{found.position}</span>
        {found.ahead ? `; ${count(found.ahead, "event")} of the log ${found.ahead === 1 ? "is" : "are"} not in the ledger yet` : ""}
        {found.pruned ? `; ${count(found.pruned, "record")} pruned` : ""}
      </p>
      <Table
        label="What was compared"
        rows={found.compared}
        keyOf={(each) => each.what}
        tone={(each) => (each.holds ? undefined : "bad")}
        columns={[
          { head: "With", names: true, cell: (each) => each.what },
          { head: "Result", cell: (each) => <Badge tone={each.holds ? "good" : "bad"} mark={each.holds ? "✓" : "✗"}>{each.holds ? "holds" : "breaks"}</Badge> },
          { head: "Records", number: true, cell: (each) => each.records },
          { head: "Says", cell: (each) => each.text },
        ]}
      />
      {found.fault ? (
        <p className="fault" role="alert">
          Event {found.fault.sequence} (position {found.fault.position}) breaks it, {found.fault.kind}: expected <code>{found.fault.expected}</code>, found <code>{found.fault.found}</code>.
        </p>
      ) : null}
      <p className="hint">This rests on the deployment that answers. A bundle can be verified without trust in it.</p>
    </div>
  );
}

function Prove({ status }: { status: Status }) {
  const [wanted, setWanted] = useQuery("proof");
  const field = useId();
  const sequence = /^[1-9]\d*$/.test(wanted) && Number(wanted) <= status.sequence ? Number(wanted) : null;
  return (
    <section aria-labelledby="prove">
      <h2 id="prove">Is an event in the record?</h2>
      <div className="travel">
        <label htmlFor={field}>Event</label>
        <input id={field} type="number" min={1} max={status.sequence} value={wanted} placeholder={String(status.sequence)} onChange={(event) => setWanted(event.target.value)} />
        <span className="hint">1 to {status.sequence}</span>
      </div>
      {sequence === null ? <p className="hint">Name an event, and its inclusion in the signed tree is proved.</p> : <Proved key={sequence} project={status.project} sequence={sequence} />}
    </section>
  );
}

function Proved({ project, sequence }: { project: string; sequence: number }) {
  const { data, problem, refresh } = useProof(project, sequence);
  if (data === null) return problem ? <Fault problem={problem} retry={refresh} /> : <Loading what="the proof" />;
  return (
    <div className="verdict">
      <p>
        Event {data.sequence} is leaf {data.index} of {count(data.size, "record")}; {count(data.hashes.length, "hash", "hashes")} lead from it to the root.
      </p>
      <Steps of={`${data.sequence}/${data.size}`} holds="included" check={async () => checkInclusion(data, await bytesOf(project, data.sequence))} />
      <dl className="facts">
        <dt>Leaf</dt>
        <dd><code>{data.leaf}</code></dd>
        {data.hashes.map((hash, place) => (
          <Step key={hash} place={place} hash={hash} />
        ))}
        <dt>Root</dt>
        <dd><code>{data.root}</code></dd>
      </dl>
      <Note text={data.note} />
      <button type="button" onClick={() => save(`${project}-${data.sequence}.tlog-proof`, data.text)}>
        Save the proof
      </button>
    </div>
  );
}

function Step({ place, hash }: { place: number; hash: string }) {
  return (
    <>
      <dt>with {place + 1}</dt>
      <dd><code>{hash}</code></dd>
    </>
  );
}

function Note({ text }: { text: string }) {
  return (
    <details>
      <summary>The signed note</summary>
      <pre className="json">{text}</pre>
    </details>
  );
}

function Checkpoints({ project }: { project: string }) {
  const { data, problem, refresh } = useCheckpoints(project);
  return (
    <section aria-labelledby="checkpoints">
      <h2 id="checkpoints">Checkpoints</h2>
      {problem ? <Fault problem={problem} retry={refresh} /> : null}
      {data === null ? problem ? null : <Loading what="checkpoints" /> : data.length === 0 ? (
        <p className="none">No checkpoint covers this project yet; the next round signs one.</p>
      ) : (
        <Table
          label="Checkpoints, newest first"
          rows={data}
          keyOf={(each: Checkpoint) => each.number}
          columns={[
            { head: "Number", names: true, cell: (each) => each.number },
            { head: "Records", number: true, cell: (each) => each.size },
            { head: "Signed", cell: (each) => <Ago time={each.signed_at} /> },
            { head: "Root", cell: (each) => <code>{each.root}</code> },
            { head: "Note", cell: (each) => <Note text={each.note} /> },
          ]}
        />
      )}
    </section>
  );
}

const FORMATS = [
  ["json", "One document", "JSON"],
  ["csv", "A table", "CSV"],
  ["jsonl", "A bundle that can be verified offline", "zip"],
] as const;

function Take({ project }: { project: string }) {
  return (
    <section aria-labelledby="take">
      <h2 id="take">Take it with you</h2>
      {may("inspect") ? (
        <ul className="exports">
          {FORMATS.map(([format, name, kind]) => (
            <li key={format}>
              <a href={address("/api/v1/governance/compliance/export", { query: { project, format } })} download>
                {name}
              </a>{" "}
              <span className="hint">{kind}, signed{format === "csv" ? " where a manifest goes with it" : ""}</span>
            </li>
          ))}
        </ul>
      ) : (
        <Lacking permission="inspect" to="export the record" />
      )}
      <p className="hint">Of all projects, or of a time or an agent: <Link href={`${BASE}/compliance`}>Compliance</Link>. A bundle is verified without this deployment:</p>
      <Commands lines={[`psmp verify ${project}.zip --keys KEYS`]} />
    </section>
  );
}
