// A proposal that waits for the owners of what it changes: yes, no, or what one would change instead.
import { type FormEvent, useState } from "react";
import { Problem, post, unreachable } from "../../api/client";
import { may } from "../../api/session";
import type { Conflict, Resolution, Status } from "../../api/words";
import { store } from "../../live/store";
import { useWho } from "../../live/use";
import { Lacking } from "../../parts/lacking";
import { Fault } from "../../parts/notes";
import { listed } from "../../parts/words";
import { ChangeFields } from "./changefields";
import { type Wish, artifactsFor, begun, changeOf, isWhole } from "./changing";
import { Steps } from "./foreseeing";

const ANSWERS = [["yes", "Agree"], ["no", "Refuse"], ["amend", "Change something else instead"]] as const;
type Answer = (typeof ANSWERS)[number][0];

export function Answering({ status, conflict, resolution }: { status: Status; conflict: Conflict; resolution: Resolution }) {
  const who = useWho();
  const waits = resolution.unanswered ?? [];
  const own = who.state === "in" ? who.session.agent : "";
  const mine = may("speak-as-others") ? waits : waits.filter((each) => each === own);
  if (waits.length === 0) return null;
  return (
    <section className="answering" aria-label={`Answer to ${resolution.resolution}`}>
      <Steps status={status} conflict={conflict} changes={resolution.changes ?? []} label={`What ${resolution.resolution} would change`} />
      <Lacking permission="resolve" to="answer" />
      {!may("resolve") ? null : mine.length === 0 ? (
        <p className="hint">{listed(waits)} {waits.length === 1 ? "is" : "are"} asked, and nobody else can answer: what is changed is theirs.</p>
      ) : (
        <Form key={resolution.resolution} status={status} conflict={conflict} resolution={resolution} mine={mine} own={own} />
      )}
    </section>
  );
}

function Form({ status, conflict, resolution, mine, own }: { status: Status; conflict: Conflict; resolution: Resolution; mine: readonly string[]; own: string }) {
  const [agent, setAgent] = useState(mine[0]!);
  const speaker = mine.includes(agent) ? agent : mine[0]!;
  const first = artifactsFor(status, conflict).find((each) => each.agent === speaker)?.artifact;
  const [said, setSaid] = useState<Answer>("yes");
  const [wishes, setWishes] = useState<readonly Wish[]>(() => [begun(status, conflict, first)]);
  const [reason, setReason] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const isReady = said !== "amend" || wishes.every(isWhole);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    const headers: Record<string, string> = speaker === own ? {} : { "Psmp-Agent": speaker };
    const changes = said === "amend" ? { changes: wishes.map((each) => changeOf(status, each)) } : {};
    try {
      const path = { project: status.project, resolution: resolution.resolution };
      await post("/api/v1/projects/{project}/resolutions/{resolution}/answer", { path, headers }, { answer: said, reason, ...changes });
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Problem ? error : unreachable(String(error)));
    } finally {
      setBusy(false);
      store.anew();
    }
  }

  return (
    <form className="waysform" onSubmit={(event) => void submit(event)}>
      {mine.length > 1 || speaker !== own ? (
        <label className="field">
          In whose name
          <select value={speaker} onChange={(event) => setAgent(event.target.value)}>
            {mine.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      ) : null}
      <fieldset className="strategies">
        <legend className="hidden">Answer</legend>
        {ANSWERS.map(([value, name]) => (
          <label key={value} className="strategy">
            <input type="radio" name={`answer-${resolution.resolution}`} checked={said === value} onChange={() => setSaid(value)} />
            <span>{name}</span>
          </label>
        ))}
      </fieldset>
      {said === "amend" ? <ChangeFields status={status} conflict={conflict} wishes={wishes} onChange={setWishes} of={speaker} /> : null}
      <label className="field">
        Reason, which stays in the record
        <textarea rows={2} maxLength={2000} value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
      <div className="actions">
        <button type="submit" className="primary" disabled={isBusy || !isReady}>
          {isBusy ? "Answering …" : `${ANSWERS.find(([value]) => value === said)![1]}: ${resolution.resolution}`}
        </button>
      </div>
      <div aria-live="polite">{problem ? <Fault problem={problem} /> : null}</div>
    </form>
  );
}
