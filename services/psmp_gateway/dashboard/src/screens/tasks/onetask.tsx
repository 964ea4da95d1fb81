// One line of what is to be done: how far it is, whose it is, what shall come of it; opened, all about it and its forms.
import { useState } from "react";
import { may } from "../../api/session";
import type { Planned, Status } from "../../api/words";
import { changeTask } from "../../live/planning";
import { useSaying } from "../../live/saying";
import { useWho } from "../../live/use";
import { Badge } from "../../parts/badge";
import { Fault } from "../../parts/notes";
import { Ago } from "../../parts/time";
import { listed } from "../../parts/words";
import { useQuery, withQuery } from "../../routing/address";
import { Link } from "../../routing/link";
import { type ProjectTab, projectPath } from "../../routing/routes";
import { Changing } from "./changing";
import { DOING, isUnderWay, nextStep } from "./planning";
import { type Made, type Todo, isUndone } from "./todo";

const STATES: Record<Todo["status"], readonly ["info" | "good" | "warn" | "quiet", string]> = {
  OPEN: ["info", "○"],
  IN_PROGRESS: ["warn", "▶"],
  DONE: ["good", "✓"],
  ARCHIVED: ["quiet", "▽"],
};
const MADE: Record<string, readonly ["good" | "warn" | "quiet", string]> = { ACTIVE: ["good", "✓"], DRAFT: ["warn", "○"] };

interface OneTaskProps {
  status: Status;
  todo: Todo;
  isNow: boolean;
  isOpen: boolean;
}

export function OneTask({ status, todo, isNow, isOpen }: OneTaskProps) {
  const { id, planned } = todo;
  const [tone, mark] = STATES[todo.status];
  return (
    <li className={isOpen ? "todo opened" : "todo"} data-task={id} data-status={todo.status}>
      <div className="line">
        <Badge tone={planned ? tone : "warn"} mark={planned ? mark : "◆"}>
          {planned ? DOING[todo.status] : "asked"}
        </Badge>
        <div className="what">
          {planned ? (
            <Link id={`task-${id}`} href={withQuery("task", isOpen ? "" : id)} aria-expanded={isOpen}>
              {todo.title}
            </Link>
          ) : (
            <OfProject status={status} tab="overview" conflict={todo.conflict}>
              {todo.title}
            </OfProject>
          )}
          <p className="meta">
            <span>{whose(todo)}</span>
            {planned ? <span className="id">{id}</span> : null}
            {todo.until ? <span>until {todo.until.slice(11, 16)} UTC</span> : null}
            {planned ? <Ago time={planned.time} /> : null}
            {todo.made.map((each) => (
              <Artifact key={each.artifact} status={status} made={each} />
            ))}
          </p>
        </div>
        {planned && isNow && isUnderWay(status) ? <Step key={planned.sequence} status={status} planned={planned} /> : null}
      </div>
      {planned && isOpen ? <Opened status={status} planned={planned} isNow={isNow} /> : null}
    </li>
  );
}

function whose(todo: Todo): string {
  if (todo.agents.length > 0) return `for ${listed(todo.agents)}`;
  if (todo.kind !== "work") return "for who governs the project";
  return isUndone(todo) ? "nobody’s yet" : "nobody’s";
}

/** A link to another place of the project, as of the same event. */
function OfProject({ status, tab, conflict = null, query = {}, children }: { status: Status; tab: ProjectTab; conflict?: string | null; query?: Record<string, string>; children: string }) {
  const [at] = useQuery("at");
  const asked = new URLSearchParams({ ...query, ...(at ? { at } : {}) }).toString();
  return <Link href={projectPath(status.project, tab, conflict) + (asked ? `?${asked}` : "")}>{children}</Link>;
}

function Artifact({ status, made: { artifact, state } }: { status: Status; made: Made }) {
  const [tone, mark] = MADE[state] ?? ["quiet", "·"];
  return (
    <span className="made">
      {state === "" ? artifact : <OfProject status={status} tab="artifacts" query={{ q: artifact }}>{artifact}</OfProject>}
      <Badge tone={tone} mark={mark}>
        {state === "" ? "not declared" : state.toLowerCase()}
      </Badge>
    </span>
  );
}

/** What whoever is signed in would do next with it, in one press. */
function Step({ status, planned }: { status: Status; planned: Planned }) {
  const who = useWho();
  const { isBusy, problem, say } = useSaying();
  const step = nextStep(planned, who.state === "in" ? who.session.agent : "");
  if (step === null || !may("plan")) return null;
  async function take(change: NonNullable<typeof step>["change"]): Promise<void> {
    const isDone = await say(() => changeTask(status.project, planned.task, change, "", planned.sequence));
    if (isDone) document.getElementById(`task-${planned.task}`)?.focus(); // the button goes with what it was for
  }
  return (
    <div className="step">
      <button key={step.name} type="button" disabled={isBusy} onClick={() => void take(step.change)} aria-label={`${step.name}: ${planned.title}`}>
        {step.name}
      </button>
      <div aria-live="polite">{problem ? <Fault problem={problem} /> : null}</div>
    </div>
  );
}

function Opened({ status, planned, isNow }: { status: Status; planned: Planned; isNow: boolean }) {
  const [as, setAs] = useState("");
  return (
    <div className="detail">
      {planned.details ? <p className="details">{planned.details}</p> : null}
      <dl className="facts">
        <dt>Made</dt>
        <dd>
          by {planned.by}, <Ago time={planned.since} />
        </dd>
        <dt>Is so since</dt>
        <dd>
          event <span className="sequence">{planned.sequence}</span>, <Ago time={planned.time} />
          {planned.reason ? `: “${planned.reason}”` : ""}
        </dd>
      </dl>
      {isNow && planned.status !== "ARCHIVED" && isUnderWay(status) && may("plan") ? <Changing status={status} planned={planned} as={as} onAs={setAs} /> : null}
    </div>
  );
}
