// The verified ways out, numbered. One is chosen to be looked at, before and after, and applied with a reason.
import { type FormEvent, useEffect, useId, useState } from "react";
import { may } from "../../api/session";
import type { Conflict, Status, Suggestion } from "../../api/words";
import { Fault } from "../../parts/notes";
import { Table } from "../../parts/table";
import { AsWhom } from "./aswhom";
import { useChosen } from "./chosen";
import { steps } from "./preview";
import { outcomeWords, useResolving } from "./resolving";

export function Suggestions({ status, conflict }: { status: Status; conflict: Conflict }) {
  const [chosen, choose] = useChosen(status.project, conflict.id);
  const group = useId();
  const suggestions = conflict.suggestions ?? [];
  if (suggestions.length === 0) {
    return <p className="hint">No change of one or two declarations clears it that the checker could verify. Amend or withdraw what clashes, or take another way.</p>;
  }
  return (
    <fieldset className="ways">
      <legend>Ways out, each verified by the checker</legend>
      {suggestions.map((each) => {
        const isChosen = chosen === each.n;
        return (
          <div key={each.n} className={isChosen ? "way chosen" : "way"}>
            <label>
              <input type="radio" name={group} checked={isChosen} onChange={() => choose(each.n)} />
              <span className="n">{each.n}</span>
              <span>{each.text.replaceAll(" -> ", " → ")}</span>
            </label>
            {isChosen ? <Preview key={each.n} status={status} conflict={conflict} suggestion={each} /> : null}
          </div>
        );
      })}
    </fieldset>
  );
}

function Preview({ status, conflict, suggestion }: { status: Status; conflict: Conflict; suggestion: Suggestion }) {
  const [, choose] = useChosen(status.project, conflict.id);
  const [reason, setReason] = useState("");
  const [as, setAs] = useState("");
  // What was looked at: when the conflict has changed since, its suggestions may be others under the same numbers.
  const [seen, setSeen] = useState(status.sequence);
  const { state, came, problem, send } = useResolving(status.project, conflict.id);
  const told = status.told?.[conflict.id] ?? 0;
  const hasChanged = told > seen;
  const owners = [...new Set(suggestion.changes.map((each) => each.agent))];
  useEffect(() => {
    if (!hasChanged) setSeen(status.sequence);
  }, [hasChanged, status.sequence]);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (state !== "busy") void send({ strategy: "accept", suggestion: suggestion.n, seen, reason }, as);
  }

  return (
    <form className="preview" onSubmit={submit}>
      <Table
        label={`What suggestion ${suggestion.n} changes`}
        rows={steps(status, conflict, suggestion.changes)}
        keyOf={(step) => `${step.artifact}/${step.what}/${step.before}`}
        columns={[
          { head: "Artifact", cell: (step) => step.artifact, names: true },
          { head: "Whose", cell: (step) => step.agent },
          { head: "What", cell: (step) => step.what },
          { head: "Before", cell: (step) => <del><code>{step.before}</code></del> },
          { head: "After", cell: (step) => <ins><code>{step.after}</code></ins> },
          { head: "Where", cell: (step) => (step.location ? <code>{step.location}</code> : ""), optional: true },
        ]}
      />
      {may("resolve") ? null : <p className="hint">Your role lets you look, and resolve nothing.</p>}
      <label className="field">
        Reason, which stays in the record
        <textarea rows={2} maxLength={2000} required value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
      <AsWhom status={status} others={owners} value={as} onChange={setAs} />
      {hasChanged ? (
        <div className="fault" role="alert">
          <p>
            <strong>{conflict.id} has changed since you opened this</strong> (event {told}). What you see above is the newest.
          </p>
          <button type="button" onClick={() => setSeen(status.sequence)}>
            I have looked at it
          </button>
        </div>
      ) : null}
      <div className="actions">
        <button type="submit" className="primary" disabled={state === "busy" || hasChanged || !may("resolve")}>
          {state === "busy" ? "Applying …" : `Apply suggestion ${suggestion.n}`}
        </button>
        <button type="button" onClick={() => choose(null)}>
          Close
        </button>
        <span className="hint">as of event {seen}; nothing is done if the conflict has changed since</span>
      </div>
      <div aria-live="polite">
        {problem ? <Fault problem={problem} /> : null}
        {came ? <p className="done">{outcomeWords(came)}</p> : null}
      </div>
    </form>
  );
}
