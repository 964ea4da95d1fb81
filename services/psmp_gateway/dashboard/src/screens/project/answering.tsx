// A proposal that waits for the owners of what it changes: yes, no, or what one would change instead.
import { type FormEvent, useRef, useState } from "react";
import { Problem, post, unreachable } from "../../api/client";
import { may } from "../../api/session";
import type { Conflict, Resolution, Status } from "../../api/words";
import { store } from "../../live/store";
import { useWho } from "../../live/use";
import { Lacking } from "../../parts/lacking";
import { Fault } from "../../parts/notes";
import { listed } from "../../parts/words";
import { ChangeFields } from "./changefields";
import { type Wish, artifactsFor, begun, changeOf, instead, isOther, isWhole } from "./changing";
import { Steps, WouldBe } from "./foreseeing";

const ANSWERS = [
  ["yes", "Agree", "Agree to"],
  ["no", "Refuse", "Refuse"],
  ["amend", "Change something else instead", "Change this instead of"],
] as const;
type Answer = (typeof ANSWERS)[number][0];

export function Answering({ status, conflict, resolution }: { status: Status; conflict: Conflict; resolution: Resolution }) {
  const who = useWho();
  const waits = resolution.unanswered ?? [];
  const box = useRef<HTMLElement>(null);
  const [chosen, choose] = useState("");
  const own = who.state === "in" ? who.session.agent : "";
  const mine = may("speak-as-others") ? waits : waits.filter((each) => each === own);
  if (waits.length === 0) return null;
  const speaker = mine.includes(chosen) ? chosen : (mine[0] ?? own);
  return (
    <section className="answering" tabIndex={-1} ref={box} aria-label={`Answer to ${resolution.resolution}`}>
      <Steps status={status} conflict={conflict} changes={resolution.changes ?? []} label={`What ${resolution.resolution} would change`} />
      <Lacking permission="resolve" to="answer" />
      {!may("resolve") ? null : mine.length === 0 ? (
        <p className="hint">{listed(waits)} {waits.length === 1 ? "is" : "are"} asked, and nobody else can answer: what is changed is theirs.</p>
      ) : (
        <>
          {speaker === own ? null : <InWhoseName owners={mine} value={speaker} onChange={choose} />}
          <Form key={`${resolution.resolution}/${speaker}`} status={status} conflict={conflict} resolution={resolution} speaker={speaker} own={own} onAnswered={() => box.current?.focus()} />
        </>
      )}
    </section>
  );
}

function InWhoseName({ owners, value, onChange }: { owners: readonly string[]; value: string; onChange: (owner: string) => void }) {
  return (
    <label className="field">
      In whose name
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {owners.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
    </label>
  );
}

interface FormProps {
  status: Status;
  conflict: Conflict;
  resolution: Resolution;
  /** Who answers: one's own agent, or for an admin any owner. */
  speaker: string;
  own: string;
  /** The form may go away now, and the focus with it. */
  onAnswered: () => void;
}

function Form({ status, conflict, resolution, speaker, own, onAnswered }: FormProps) {
  const first = artifactsFor(status, conflict).find((each) => each.agent === speaker)?.artifact;
  const [said, setSaid] = useState<Answer>("yes");
  const [wishes, setWishes] = useState<readonly Wish[]>(() => [begun(status, conflict, first)]);
  const [reason, setReason] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const isReady = said !== "amend" || (wishes.every(isWhole) && wishes.some((each) => isOther(status, each)));
  const wanted = wishes.map((each) => changeOf(status, each));

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    const headers: Record<string, string> = speaker === own ? {} : { "Psmp-Agent": speaker };
    const changes = said === "amend" ? { changes: wanted } : {};
    try {
      const path = { project: status.project, resolution: resolution.resolution };
      await post("/api/v1/projects/{project}/resolutions/{resolution}/answer", { path, headers }, { answer: said, reason, ...changes });
      setProblem(null);
      onAnswered();
    } catch (error) {
      setProblem(error instanceof Problem ? error : unreachable(String(error)));
    } finally {
      setBusy(false);
      store.anew();
    }
  }

  return (
    <form className="waysform" onSubmit={(event) => void submit(event)}>
      <fieldset className="strategies">
        <legend className="hidden">Answer</legend>
        {ANSWERS.map(([value, name]) => (
          <label key={value} className="strategy">
            <input type="radio" name={`answer-${resolution.resolution}`} checked={said === value} onChange={() => setSaid(value)} />
            <span>{name}</span>
          </label>
        ))}
      </fieldset>
      {said === "amend" ? (
        <>
          <ChangeFields status={status} conflict={conflict} wishes={wishes} onChange={setWishes} of={speaker} />
          {isReady ? (
            <WouldBe status={status} conflict={conflict} wanted={{ strategy: "change", changes: instead(resolution, speaker, wanted) }} as={speaker === own ? "" : speaker} isAnswer />
          ) : (
            <p className="hint">Say what it is to be instead, and it is tried before anything is sent.</p>
          )}
        </>
      ) : null}
      <label className="field">
        Reason, which stays in the record
        <textarea rows={2} maxLength={2000} value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
      <div className="actions">
        <button type="submit" className="primary" disabled={isBusy || !isReady}>
          {isBusy ? "Answering …" : `${ANSWERS.find(([value]) => value === said)![2]} ${resolution.resolution}`}
        </button>
      </div>
      <div aria-live="polite">{problem ? <Fault problem={problem} /> : null}</div>
    </form>
  );
}
