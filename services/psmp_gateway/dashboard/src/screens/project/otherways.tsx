// What can always be done about a conflict: have the resolver try, let it stand for a while, call a person.
import { type FormEvent, useState } from "react";
import { may } from "../../api/session";
import type { Conflict, Status } from "../../api/words";
import { Fault } from "../../parts/notes";
import { AsWhom } from "./aswhom";
import { type Asked, outcomeWords, useResolving } from "./resolving";

type Strategy = "retry" | "waive" | "escalate";

const STRATEGIES: readonly (readonly [Strategy, string, string])[] = [
  ["retry", "Let the resolver try", "It takes what needs nobody’s consent first, and asks the owners about the rest."],
  ["waive", "Let it stand for a while", "The conflict stays open and blocks nothing until then. For whoever governs the project."],
  ["escalate", "Lay it before a person", "An alert lies in the inbox until somebody takes it in hand."],
];

const TERMS: readonly (readonly [number, string])[] = [
  [3600, "1 hour"],
  [8 * 3600, "8 hours"],
  [86_400, "1 day"],
  [7 * 86_400, "7 days"],
  [30 * 86_400, "30 days"],
];

export function OtherWays({ status, conflict }: { status: Status; conflict: Conflict }) {
  const [strategy, setStrategy] = useState<Strategy>("retry");
  const [seconds, setSeconds] = useState(3600);
  const [reason, setReason] = useState("");
  const [as, setAs] = useState("");
  const { state, came, problem, send } = useResolving(status.project, conflict.id);

  function submit(event: FormEvent): void {
    event.preventDefault();
    const asked: Asked = strategy === "waive" ? { strategy, seconds, reason } : { strategy, reason };
    if (state !== "busy") void send(asked, as);
  }

  return (
    <details className="otherways">
      <summary>Other ways: retry, waive, escalate</summary>
      <form onSubmit={submit}>
        <fieldset>
          <legend className="hidden">What to do</legend>
          {STRATEGIES.map(([value, name, about]) => (
            <label key={value} className="strategy">
              <input type="radio" name={`strategy-${conflict.id}`} checked={strategy === value} onChange={() => setStrategy(value)} />
              <span>
                {name}
                <span className="sub">{about}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {strategy === "waive" ? (
          <label className="field">
            For how long
            <select value={seconds} onChange={(event) => setSeconds(Number(event.target.value))}>
              {TERMS.map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        ) : null}
        <label className="field">
          Reason, which stays in the record
          <textarea rows={2} maxLength={2000} required value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
        <AsWhom status={status} others={conflict.parties.map((each) => each.agent)} value={as} onChange={setAs} />
        <div className="actions">
          <button type="submit" disabled={state === "busy" || !may("resolve")}>
            {state === "busy" ? "Asking …" : STRATEGIES.find(([value]) => value === strategy)![1]}
          </button>
        </div>
        <div aria-live="polite">
          {problem ? <Fault problem={problem} /> : null}
          {came ? <p className="done">{outcomeWords(came)}</p> : null}
        </div>
      </form>
    </details>
  );
}
