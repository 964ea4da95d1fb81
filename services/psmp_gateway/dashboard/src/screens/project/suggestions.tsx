// The verified ways out, numbered. One is chosen to be looked at, before and after, and applied with a reason.
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { may } from "../../api/session";
import type { Conflict, Status, Suggestion } from "../../api/words";
import { Lacking } from "../../parts/lacking";
import { Fault } from "../../parts/notes";
import { useQuery } from "../../routing/address";
import { AsWhom } from "./aswhom";
import { useChosen } from "./chosen";
import { Steps, WouldBe } from "./foreseeing";
import { outcomeWords, useResolving } from "./resolving";
import { Changed, useSeen } from "./seen";

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
  const [at] = useQuery("at");
  const steps = <Steps status={status} conflict={conflict} changes={suggestion.changes} label={`What suggestion ${suggestion.n} changes`} />;
  if (at !== "" || !may("resolve")) {
    return (
      <div className="preview">
        {steps}
        <Lacking permission="resolve" to="apply it" />
      </div>
    );
  }
  return <Applying status={status} conflict={conflict} suggestion={suggestion} steps={steps} />;
}

function Applying({ status, conflict, suggestion, steps }: { status: Status; conflict: Conflict; suggestion: Suggestion; steps: ReactNode }) {
  const [, choose] = useChosen(status.project, conflict.id);
  const [reason, setReason] = useState("");
  const [as, setAs] = useState("");
  const seen = useSeen(status, conflict);
  const { state, came, problem, send } = useResolving(status.project, conflict.id);
  const owners = [...new Set(suggestion.changes.map((each) => each.agent))];
  const wanted = { strategy: "accept", suggestion: suggestion.n, seen: seen.seen } as const;

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (state !== "busy") void send({ ...wanted, reason }, as);
  }

  return (
    <form className="preview" onSubmit={submit}>
      {steps}
      <WouldBe status={status} conflict={conflict} wanted={wanted} as={as} quiet />
      <label className="field">
        Reason, which stays in the record
        <textarea rows={2} maxLength={2000} required value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
      <AsWhom status={status} others={owners} value={as} onChange={setAs} />
      <Changed status={status} conflict={conflict} seen={seen} />
      <div className="actions">
        <button type="submit" className="primary" disabled={state === "busy" || seen.hasChanged}>
          {state === "busy" ? "Applying …" : `Apply suggestion ${suggestion.n}`}
        </button>
        <button type="button" onClick={() => choose(null)}>
          Close
        </button>
        <span className="hint">as of event {seen.seen}; nothing is done if the conflict has changed since</span>
      </div>
      <div aria-live="polite">
        {problem ? <Fault problem={problem} /> : null}
        {came ? <p className="done">{outcomeWords(came)}</p> : null}
      </div>
    </form>
  );
}
