// Changing a task, or taking it off the list. What another changed meanwhile is said, and nothing is sent before somebody has looked.
import { type FormEvent, useEffect, useId, useState } from "react";
import type { Planned, Status } from "../../api/words";
import { archiveTask, changeTask } from "../../live/planning";
import { useSaying } from "../../live/saying";
import { useWho } from "../../live/use";
import { Acting } from "../../parts/acting";
import { Fault } from "../../parts/notes";
import { Table } from "../../parts/table";
import { listed } from "../../parts/words";
import { Link } from "../../routing/link";
import { projectPath } from "../../routing/routes";
import { AsWhom } from "../project/aswhom";
import { TaskFields } from "./fields";
import { DOING, type Fields, changeOf, fieldsOf, governors, mayChange, others } from "./planning";

interface ChangingProps {
  status: Status;
  planned: Planned;
  as: string;
  onAs: (agent: string) => void;
}

export function Changing({ status, planned, as, onAs }: ChangingProps) {
  const who = useWho();
  const speaker = as || (who.state === "in" ? who.session.agent : "");
  const owners = [planned.by, planned.agent ?? ""].filter(Boolean);
  return (
    <>
      <AsWhom status={status} others={owners} value={as} onChange={onAs} whose="whose it is, and who made it" />
      {mayChange(status, planned, speaker) ? (
        <Form status={status} planned={planned} as={as} />
      ) : (
        <p className="hint">
          {listed([...new Set([...owners, ...governors(status)])], "or")} can change it.{planned.agent ? "" : " It is nobody’s: take it, and it is yours."}
        </p>
      )}
    </>
  );
}

/** What is filled in lies over what was seen: what nobody has touched follows the task by itself. */
function Form({ status, planned, as }: { status: Status; planned: Planned; as: string }) {
  const [seen, setSeen] = useState(planned);
  const [touched, setTouched] = useState<Partial<Fields>>({});
  const [reason, setReason] = useState("");
  const { isBusy, problem, say } = useSaying();
  const field = useId();
  const was = fieldsOf(seen);
  const fields = { ...was, ...touched };
  const change = changeOf(seen, fields);
  const touch = (next: Fields) => setTouched(Object.fromEntries(Object.entries(next).filter(([name, value]) => value !== was[name as keyof Fields])));
  const found = others(seen, planned);
  const hasChanged = change !== null && planned.sequence !== seen.sequence;
  useEffect(() => {
    if (!hasChanged) setSeen(planned);
  }, [hasChanged, planned]);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (change === null || hasChanged) return;
    if (!(await say(() => changeTask(status.project, seen.task, { ...change, reason }, as, seen.sequence)))) return;
    setTouched({});
    setReason("");
    document.getElementById(`task-${seen.task}`)?.focus();
  }

  return (
    <>
      <form className="waysform" onSubmit={(event) => void submit(event)}>
        <TaskFields status={status} fields={fields} onChange={touch} field={field}>
          <label className="field">
            How far it is
            <select value={fields.status} onChange={(event) => touch({ ...fields, status: event.target.value as Fields["status"] })}>
              {(["OPEN", "IN_PROGRESS", "DONE"] as const).map((each) => (
                <option key={each} value={each}>
                  {DOING[each]}
                </option>
              ))}
            </select>
          </label>
        </TaskFields>
        <label className="field wide">
          Reason, if there is one to tell
          <input maxLength={2000} value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
        <div aria-live="assertive">
          {hasChanged ? <Otherwise status={status} seen={seen} planned={planned} found={found} look={() => setSeen(planned)} /> : null}
        </div>
        <div className="actions">
          <button type="submit" className="primary" disabled={isBusy || change === null || hasChanged}>
            {isBusy ? "Changing …" : "Change the task"}
          </button>
          <span className="hint">as of event {seen.sequence}; nothing is done if it has changed since. It is done when what shall come of it is active.</span>
        </div>
        <div aria-live="polite">{problem ? <Fault problem={problem} /> : null}</div>
      </form>
      <details>
        <summary>Take it off the list</summary>
        <Acting permission="plan" about={`task ${planned.task}`} acts={{ Archive: (said) => archiveTask(status.project, planned.task, said, as, planned.sequence) }} done={() => document.querySelector<HTMLElement>("h1")?.focus()} />
      </details>
    </>
  );
}

function Otherwise({ status, seen, planned, found, look }: { status: Status; seen: Planned; planned: Planned; found: ReturnType<typeof others>; look: () => void }) {
  return (
    <div className="fault changed">
      <p>
        <strong>{planned.task} has changed since you opened this</strong> (event {planned.sequence}
        {planned.reason ? `: “${planned.reason}”` : ""}). What you have filled in stays; what you have not follows.{" "}
        <Link href={`${projectPath(status.project, "timeline")}?form=changes&from=${seen.sequence}&to=${planned.sequence}`}>What changed in the project</Link>
      </p>
      {found.length ? (
        <Table
          label={`What changed of ${planned.task}`}
          rows={found}
          keyOf={({ what }) => what}
          columns={[
            { head: "What", names: true, cell: ({ what }) => what },
            { head: "You saw", cell: ({ was }) => <del><code>{was || "nothing"}</code></del> },
            { head: "Now", cell: ({ is }) => <ins><code>{is || "nothing"}</code></ins> },
          ]}
        />
      ) : null}
      <button type="button" onClick={look}>
        I have looked at it
      </button>
    </div>
  );
}
