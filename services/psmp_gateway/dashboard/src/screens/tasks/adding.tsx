// Planning a task: what is to be done, by whom, and what shall come of it.
import { type FormEvent, useId, useState } from "react";
import { may } from "../../api/session";
import type { Status } from "../../api/words";
import { planTask } from "../../live/planning";
import { useSaying } from "../../live/saying";
import { Fault } from "../../parts/notes";
import { useQuery } from "../../routing/address";
import { AsWhom } from "../project/aswhom";
import { TaskFields } from "./fields";
import { type Fields, idFor, ids } from "./planning";

const NOTHING: Fields = { title: "", details: "", agent: "", artifacts: "", status: "OPEN" };

export function Adding({ status }: { status: Status }) {
  const [adding, setAdding] = useQuery("add");
  const [told, tell] = useState("");
  if (!may("plan")) return null;
  return (
    <details className="adding" open={adding !== ""}>
      <summary onClick={(event) => (event.preventDefault(), setAdding(adding === "" ? "yes" : ""))}>Add a task</summary>
      {adding === "" ? null : <Form status={status} onDone={(task) => tell(`${task} is planned.`)} />}
      <p className="word good" role="status">
        {told}
      </p>
    </details>
  );
}

function Form({ status, onDone }: { status: Status; onDone: (task: string) => void }) {
  const [fields, setFields] = useState(NOTHING);
  const [named, setNamed] = useState("");
  const [as, setAs] = useState("");
  const { isBusy, problem, say } = useSaying();
  const field = useId();
  const id = named || idFor(fields.title, new Set((status.tasks ?? []).map((each) => each.task)));

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const { title, details, agent, artifacts } = fields;
    const plan = { task: id, title: title.trim(), details, artifacts: [...ids(artifacts)], ...(agent.trim() ? { agent: agent.trim() } : {}) };
    if (!(await say(() => planTask(status.project, plan, as)))) return;
    setFields(NOTHING);
    setNamed("");
    onDone(id);
    document.getElementById(`${field}-title`)?.focus();
  }

  return (
    <form className="waysform" onSubmit={(event) => void submit(event)}>
      <TaskFields status={status} fields={fields} onChange={setFields} field={field} />
      <label className="field">
        Its id, by which commands name it
        <input value={named} placeholder={fields.title ? id : ""} maxLength={64} spellCheck={false} pattern="[A-Za-z0-9][A-Za-z0-9_\-]*" onChange={(event) => setNamed(event.target.value)} />
      </label>
      <AsWhom status={status} others={[]} value={as} onChange={setAs} />
      <div className="actions">
        <button type="submit" className="primary" disabled={isBusy}>
          {isBusy ? "Adding …" : "Add the task"}
        </button>
        <span className="hint">It stays in the record: no personal data belongs in it.</span>
      </div>
      <div aria-live="polite">{problem ? <Fault problem={problem} /> : null}</div>
    </form>
  );
}
