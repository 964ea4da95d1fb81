// What can be done about a conflict besides the suggestions: changes of one's own, a merge, a try, time, a person.
import { type FormEvent, useState } from "react";
import { may } from "../../api/session";
import type { Conflict, Status } from "../../api/words";
import { Lacking } from "../../parts/lacking";
import { Fault } from "../../parts/notes";
import { AsWhom } from "./aswhom";
import { ChangeFields } from "./changefields";
import { type Wish, begun, changeOf, isOther, isWhole } from "./changing";
import { useOf } from "./chosen";
import { WouldBe } from "./foreseeing";
import { type Asked, outcomeWords, useResolving } from "./resolving";
import { Changed, useSeen } from "./seen";

type Strategy = "change" | "merge" | "retry" | "waive" | "escalate";

const STRATEGIES: readonly (readonly [Strategy, string, string])[] = [
  ["change", "Change something", "Other versions, an environment of its own, no claim on a path. For whoever governs the project, or owns all that changes."],
  ["merge", "Merge into one", "One artifact has everybody’s change of the path, all others give it up. For whoever governs the project, or owns what gives it up."],
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
  const [way, setWay] = useOf("way", status.project, conflict.id);
  const strategies = STRATEGIES.filter(([each]) => each !== "merge" || conflict.kind === "path");
  const [strategy] = strategies.find(([each]) => each === way) ?? strategies[0]!;
  if (!may("resolve")) return <Lacking permission="resolve" to={`resolve ${conflict.id}`} />;
  return (
    <details className="otherways" open={way !== ""}>
      <summary onClick={(event) => (event.preventDefault(), setWay(way === "" ? strategy : ""))}>Other ways: {strategies.map(([each]) => each).join(", ")}</summary>
      {way === "" ? null : (
        <>
          <fieldset className="strategies">
            <legend className="hidden">What to do</legend>
            {strategies.map(([value, name, about]) => (
              <label key={value} className="strategy">
                <input type="radio" name={`strategy-${conflict.id}`} checked={strategy === value} onChange={() => setWay(value)} />
                <span>
                  {name}
                  <span className="sub">{about}</span>
                </span>
              </label>
            ))}
          </fieldset>
          <Way key={strategy} status={status} conflict={conflict} strategy={strategy} name={strategies.find(([each]) => each === strategy)![1]} />
        </>
      )}
    </details>
  );
}

function Way({ status, conflict, strategy, name }: { status: Status; conflict: Conflict; strategy: Strategy; name: string }) {
  const [seconds, setSeconds] = useState(3600);
  const [into, setInto] = useState(conflict.parties[0]?.artifact ?? "");
  const [wishes, setWishes] = useState<readonly Wish[]>(() => [begun(status, conflict)]);
  const [reason, setReason] = useState("");
  const [as, setAs] = useState("");
  const seen = useSeen(status, conflict);
  const { state, came, problem, send } = useResolving(status.project, conflict.id);
  const about = { change: { changes: wishes.map((each) => changeOf(status, each)) }, merge: { into }, waive: { seconds }, retry: {}, escalate: {} }[strategy];
  const isReady = strategy !== "change" || (wishes.every(isWhole) && wishes.some((each) => isOther(status, each)));

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (state !== "busy") void send({ strategy, ...about, seen: seen.seen, reason } as Asked, as);
  }

  return (
    <form onSubmit={submit} className="waysform">
      {strategy === "change" ? <ChangeFields status={status} conflict={conflict} wishes={wishes} onChange={setWishes} /> : null}
      {strategy === "merge" ? <Into conflict={conflict} value={into} onChange={setInto} /> : null}
      {strategy === "waive" ? <Term value={seconds} onChange={setSeconds} /> : null}
      {isReady ? <WouldBe status={status} conflict={conflict} wanted={{ strategy, ...about, seen: seen.seen }} as={as} /> : <p className="hint">Say what it is to be instead, and it is tried before anything is sent.</p>}
      <label className="field">
        Reason, which stays in the record
        <textarea rows={2} maxLength={2000} required value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
      <AsWhom status={status} others={conflict.parties.map((each) => each.agent)} value={as} onChange={setAs} />
      <Changed status={status} conflict={conflict} seen={seen} />
      <div className="actions">
        <button type="submit" className="primary" disabled={state === "busy" || seen.hasChanged || !isReady}>
          {state === "busy" ? "Asking …" : name}
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

function Into({ conflict, value, onChange }: { conflict: Conflict; value: string; onChange: (artifact: string) => void }) {
  const parties = [...new Map(conflict.parties.map((each) => [each.artifact, each.agent]))];
  return (
    <label className="field">
      Who keeps {conflict.subject}, and has everybody’s change of it
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {parties.map(([artifact, agent]) => (
          <option key={artifact} value={artifact}>
            {artifact} of {agent}
          </option>
        ))}
      </select>
    </label>
  );
}

function Term({ value, onChange }: { value: number; onChange: (seconds: number) => void }) {
  return (
    <label className="field">
      For how long
      <select value={value} onChange={(event) => onChange(Number(event.target.value))}>
        {TERMS.map(([seconds, name]) => (
          <option key={seconds} value={seconds}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
