// A project as a whole: its phase and what may follow, its name, targets and policy, and its end.
import { useRef, useState } from "react";
import { may } from "../../api/session";
import type { Phase, Status } from "../../api/words";
import { archiveProject, moveProject } from "../../live/planning";
import { Acting } from "../../parts/acting";
import { PhaseBadge } from "../../parts/badge";
import { Lacking } from "../../parts/lacking";
import { count, listed, phrase } from "../../parts/words";
import { Link } from "../../routing/link";
import { projectPath } from "../../routing/routes";
import { AsWhom } from "../project/aswhom";
import { governors, isUnderWay } from "../tasks/planning";
import { isUndone } from "../tasks/todo";
import { Governing } from "./governing";
import { MEANING, canBeArchived, next } from "./phases";
import { Standing } from "./standing";

/** `isNow`: what is shown is the present, in which something can be done. */
export function Settings({ status, isNow }: { status: Status; isNow: boolean }) {
  const [as, setAs] = useState("");
  const [told, setTold] = useState("");
  const news = useRef<HTMLParagraphElement>(null);
  const canAct = isNow && may("govern");
  function tell(text: string): void {
    setTold(text);
    news.current?.focus(); // the form that had the focus may go with what it was for
  }
  return (
    <div className="sections settings">
      <p className={told ? "done" : "hidden"} role="status" tabIndex={-1} ref={news}>
        {told}
      </p>
      {isNow ? <Lacking permission="govern" to="change the project, or move it on," /> : null}
      {canAct ? (
        <div className="whom">
          <AsWhom status={status} others={[]} value={as} onChange={setAs} />
          <p className="hint">Name, targets and policy are for who governs the project to change: {listed(governors(status), "or")}.</p>
        </div>
      ) : null}
      <PhaseNow status={status} as={as} canAct={canAct} tell={tell} />
      {canAct && isUnderWay(status) ? <Governing status={status} as={as} tell={tell} /> : <Standing status={status} />}
      {canAct ? <End status={status} as={as} tell={tell} /> : null}
    </div>
  );
}

interface PartProps {
  status: Status;
  as: string;
  tell: (text: string) => void;
}

function PhaseNow({ status, as, canAct, tell }: PartProps & { canAct: boolean }) {
  const following = next(status);
  const left = (status.tasks ?? []).filter(isUndone).length;
  const name = (phase: Phase) => `Make it ${phrase(phase)}`;
  return (
    <section aria-labelledby="phase">
      <h2 id="phase">Phase</h2>
      <p>
        <PhaseBadge phase={status.state} /> {MEANING[status.state]}
      </p>
      {following.includes("COMPLETED") && left > 0 ? (
        <p className="hint">
          <Link href={projectPath(status.project, "tasks")}>{count(left, "task")}</Link> {left === 1 ? "is" : "are"} not done: before that it cannot be completed.
        </p>
      ) : null}
      {canAct && following.length > 0 ? (
        <Acting
          key={status.phase}
          permission="govern"
          about={status.project}
          acts={Object.fromEntries(following.map((phase) => [name(phase), (reason: string) => moveProject(status.project, phase, reason, as).then(() => tell(`${status.project} becomes ${phrase(phase)}.`))]))}
        />
      ) : null}
    </section>
  );
}

function End({ status, as, tell }: PartProps) {
  if (status.phase === "ARCHIVED") return null;
  const left = (status.tasks ?? []).filter(isUndone).length;
  return (
    <section aria-labelledby="end">
      <h2 id="end">Archive the project</h2>
      {canBeArchived(status) ? (
        <>
          <p>
            Nobody runs in it or declares any more, and it stays to be read.{left ? ` ${count(left, "task")} ${left === 1 ? "stays" : "stay"} undone.` : ""} That cannot be taken back.
          </p>
          <details>
            <summary>Archive it</summary>
            <Acting permission="govern" about={`project ${status.project}`} acts={{ Archive: (reason) => archiveProject(status.project, reason, as).then(() => tell(`${status.project} is archived.`)) }} />
          </details>
        </>
      ) : (
        <p className="hint">A blocked project cannot be archived: take one of its conflicts in hand first, or resolve them.</p>
      )}
    </section>
  );
}
