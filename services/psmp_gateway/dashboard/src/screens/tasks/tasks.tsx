// What is to be done in a project: what was planned, by whom and how far it is, and what is asked about its conflicts.
import type { Status } from "../../api/words";
import { useWho } from "../../live/use";
import { Commands, Empty } from "../../parts/notes";
import { Lacking } from "../../parts/lacking";
import { count, phrase } from "../../parts/words";
import { useQuery } from "../../routing/address";
import { Choice } from "../project/dependencies";
import { Adding } from "./adding";
import { OneTask } from "./onetask";
import { DOING, isUnderWay } from "./planning";
import { NOBODY, type Todo, agentsOf, fitting, isUndone, todos } from "./todo";

const KINDS = [["work", "planned work"], ["answer", "answers"], ["resolve", "conflicts"]] as const;

/** `isNow`: what is shown is the present, in which something can be done. */
export function Tasks({ status, isNow }: { status: Status; isNow: boolean }) {
  const [state, setState] = useQuery("status");
  const [kind, setKind] = useQuery("kind");
  const [agent, setAgent] = useQuery("agent");
  const [opened] = useQuery("task");
  const all = todos(status);
  const found = fitting(all, { status: state, kind, agent });
  return (
    <section aria-labelledby="tasks" className="tasks">
      <div className="tools">
        <h2 id="tasks">Tasks</h2>
        <Choice name="Status" value={state} onChange={setState} options={Object.entries(DOING)} all="all but archived" />
        <Choice name="Kind" value={kind} onChange={setKind} options={KINDS} />
        <Choice name="Agent" value={agent} onChange={setAgent} options={[[NOBODY, "nobody yet"], ...agentsOf(all)]} />
      </div>
      <Standing all={all} goesOn={isUnderWay(status)} />
      {isNow ? <Planning status={status} /> : null}
      {all.length === 0 ? <NoTasks status={status} /> : found.length === 0 ? <p className="none">No task fits this.</p> : null}
      <ul className="todos">
        {found.map((each) => (
          <OneTask key={each.id} status={status} todo={each} isNow={isNow} isOpen={opened === each.id} />
        ))}
      </ul>
    </section>
  );
}

/** How much is left, and how much of it is one's own. */
function Standing({ all, goesOn }: { all: readonly Todo[]; goesOn: boolean }) {
  const who = useWho();
  const own = who.state === "in" ? who.session.agent : "";
  const left = all.filter(isUndone);
  const mine = left.filter((each) => each.agents.includes(own)).length;
  if (all.length === 0 || (!goesOn && left.length === 0)) return null;
  if (!goesOn) return <p className="hint">{count(left.length, "task")} {left.length === 1 ? "was" : "were"} left undone.</p>;
  return (
    <p className="hint" role="status">
      {left.length === 0 ? "Nothing is left to do." : `${count(left.length, "task")} ${left.length === 1 ? "is" : "are"} left to do${mine ? `, ${mine} of them for you, ${own}` : ""}.`}
    </p>
  );
}

function Planning({ status }: { status: Status }) {
  if (!isUnderWay(status)) return <p className="hint">The project is {phrase(status.phase)}: nothing is planned in it any more.</p>;
  return (
    <>
      <Lacking permission="plan" to="add tasks, take them and say how far they are" />
      <Adding status={status} />
    </>
  );
}

function NoTasks({ status }: { status: Status }) {
  return (
    <Empty title="Nothing is planned">
      <p>A task says what is to be done, and which artifacts shall come of it. Who it is for is told of it, again and again; what is nobody’s belongs to whoever takes it.</p>
      <Commands lines={[`psmp task add login ${status.project} --agent me --title 'Login with passkeys' --artifact backend`, `psmp task take login ${status.project} --agent me`]} />
    </Empty>
  );
}
