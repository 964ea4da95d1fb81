// Changing what a project is called, must run in and how it is governed. What would be changed is told before it is sent.
import { type FormEvent, useEffect, useState } from "react";
import type { Status } from "../../api/words";
import { changeProject } from "../../live/planning";
import { useSaying } from "../../live/saying";
import { Fault } from "../../parts/notes";
import { Table } from "../../parts/table";
import { count } from "../../parts/words";
import { type Other, changeOf, formOf, judgesAnew, others, rebased } from "./policy";
import { PolicyFields, Targets } from "./fields";

interface GoverningProps {
  status: Status;
  as: string;
  tell: (text: string) => void;
}

/** What is filled in lies over what was seen: what nobody has touched follows the project by itself. */
export function Governing({ status, as, tell }: GoverningProps) {
  const [seen, setSeen] = useState(status);
  const [form, setForm] = useState(() => formOf(status));
  const [reason, setReason] = useState("");
  const { isBusy, problem, say } = useSaying();
  const change = changeOf(seen, form);
  const came = others(formOf(seen), formOf(status));
  const hasChanged = change !== null && came.length > 0;
  useEffect(() => {
    if (hasChanged) return;
    setSeen(status);
    if (came.length > 0) setForm(formOf(status));
  }, [hasChanged, status]);

  function look(): void {
    setForm(rebased(formOf(seen), form, formOf(status)));
    setSeen(status);
  }

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (change === null || hasChanged) return;
    const isSame = (now: Status) => others(formOf(seen), formOf(now)).length === 0;
    if (!(await say(() => changeProject(seen, { ...change, reason }, as, isSame)))) return;
    setForm(formOf(seen)); // what came of it is read, and then followed
    setReason("");
    tell(judgesAnew(change) ? "Changed; everything that stands declared is judged anew." : "Changed.");
  }

  return (
    <section aria-labelledby="governed">
      <h2 id="governed">Name, targets and policy</h2>
      <form className="waysform governing" onSubmit={(event) => void submit(event)}>
        <label className="field wide">
          Name
          <input maxLength={200} value={form.name} placeholder={status.project} onChange={(event) => setForm({ ...form, name: event.target.value })} />
        </label>
        <Targets targets={form.targets} onChange={(targets) => setForm({ ...form, targets })} />
        <PolicyFields policy={form.policy} onChange={(policy) => setForm({ ...form, policy })} />
        <div aria-live="polite">
          <Told status={status} isAnew={judgesAnew(change)} changes={others(formOf(seen), form)} />
        </div>
        <label className="field">
          Reason, which stays in the record
          <textarea rows={2} maxLength={2000} required value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
        <div aria-live="assertive">{hasChanged ? <Otherwise came={came} look={look} /> : null}</div>
        <div className="actions">
          <button type="submit" className="primary" disabled={isBusy || change === null || hasChanged}>
            {isBusy ? "Changing …" : "Change the project"}
          </button>
          {change === null ? null : (
            <button type="button" onClick={() => setForm(formOf(seen))}>
              Leave it as it is
            </button>
          )}
          <span className="hint">nothing is done if somebody else has changed it since you looked</span>
        </div>
        <div aria-live="polite">{problem ? <Fault problem={problem} /> : null}</div>
      </form>
    </section>
  );
}

function Told({ status, isAnew, changes }: { status: Status; isAnew: boolean; changes: readonly Other[] }) {
  const standing = status.artifacts.filter((each) => each.status !== "ARCHIVED").length;
  if (changes.length === 0) return <p className="hint">Change something, and what would be changed stands here.</p>;
  return (
    <>
      <Differences label="What would be changed" rows={changes} />
      {isAnew ? (
        <p className="warning">
          <span aria-hidden="true">△</span> With other targets everything is judged anew: {standing === 0 ? "nothing is declared yet." : `${count(standing, "artifact")} ${standing === 1 ? "awaits" : "await"} a verdict, and what could stand together may clash there.`}
        </p>
      ) : null}
    </>
  );
}

function Differences({ label, rows }: { label: string; rows: readonly Other[] }) {
  return (
    <Table
      label={label}
      rows={rows}
      keyOf={({ what }) => what}
      columns={[
        { head: "What", names: true, cell: ({ what }) => what },
        { head: "Before", cell: ({ before }) => <del><code>{before}</code></del> },
        { head: "After", cell: ({ after }) => <ins><code>{after}</code></ins> },
      ]}
    />
  );
}

function Otherwise({ came, look }: { came: readonly Other[]; look: () => void }) {
  return (
    <div className="fault changed">
      <p>
        <strong>Somebody else has changed the project since you opened this.</strong> What you have filled in stays; what you have not follows.
      </p>
      <Differences label="What somebody else has changed" rows={came} />
      <button type="button" onClick={look}>
        I have looked at it
      </button>
    </div>
  );
}
