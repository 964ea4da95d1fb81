// What stands in the way of a project, one conflict open at a time; or that nothing does.
import { useEffect, useRef, useState } from "react";
import { may } from "../../api/session";
import type { Conflict, Status } from "../../api/words";
import { useWho } from "../../live/use";
import { SeverityBadge } from "../../parts/badge";
import { Commands, Empty } from "../../parts/notes";
import { Ago } from "../../parts/time";
import { count } from "../../parts/words";
import { useQuery } from "../../routing/address";
import { Link } from "../../routing/link";
import { projectPath } from "../../routing/routes";
import { NOBODY, isUndone } from "../tasks/todo";
import { ConflictArticle } from "./conflict";

export function Overview({ status, conflict }: { status: Status; conflict: string | null }) {
  const gone = useGone(status);
  const news = useRef<HTMLDivElement>(null);
  // The form that had the focus went with its conflict: who uses the keyboard goes on from the news of it.
  useEffect(() => {
    if (gone.length > 0 && document.activeElement === document.body) news.current?.focus();
  }, [gone]);
  const open = status.conflicts.find((each) => each.id === conflict) ?? (conflict === null ? status.conflicts[0] : undefined);
  return (
    <div className="overview">
      <div aria-live="polite" tabIndex={-1} ref={news}>
        {gone.map((each) => (
          <p key={each.id} className="cleared">
            ✓ <span className="id">{each.id}</span> {each.subject} is cleared.
          </p>
        ))}
      </div>
      <Alerts status={status} />
      <Own status={status} />
      {status.conflicts.length > 1 ? <Choice status={status} open={open?.id ?? null} /> : null}
      {open ? <ConflictArticle key={open.id} status={status} conflict={open} /> : <None status={status} asked={conflict} />}
    </div>
  );
}

/** The conflicts that were cleared while somebody looked. */
function useGone(status: Status): readonly Conflict[] {
  const [known, setKnown] = useState<{ all: readonly Conflict[]; gone: readonly Conflict[] }>({ all: status.conflicts, gone: [] });
  useEffect(() => {
    setKnown(({ all, gone }) => {
      const open = new Set(status.conflicts.map((each) => each.id));
      const left = all.filter((each) => !open.has(each.id));
      return { all: status.conflicts, gone: left.length ? [...gone.filter((each) => !open.has(each.id)), ...left] : gone };
    });
  }, [status.conflicts]);
  return known.gone;
}

function Choice({ status, open }: { status: Status; open: string | null }) {
  return (
    <nav aria-label="Open conflicts" className="choice">
      {status.conflicts.map((each) => (
        <Link key={each.id} href={projectPath(status.project, "overview", each.id)} aria-current={each.id === open ? "true" : undefined}>
          <span className="id">{each.id}</span>
          <span className="subject">{each.subject}</span>
          <SeverityBadge severity={each.severity} />
        </Link>
      ))}
    </nav>
  );
}

function Alerts({ status }: { status: Status }) {
  const waiting = (status.alerts ?? []).filter((each) => each.person && !each.taken);
  if (waiting.length === 0) return null;
  return (
    <ul className="alerts" aria-label="What waits for a person">
      {waiting.map((each) => (
        <li key={each.alert}>
          <SeverityBadge severity={each.severity} />
          <p>
            {each.text} <Ago time={each.since} /> <span className="hint">{each.hint}</span>
          </p>
        </li>
      ))}
    </ul>
  );
}

/** The planned work of whoever is signed in, and what nobody has taken. */
function Own({ status }: { status: Status }) {
  const who = useWho();
  const own = who.state === "in" ? who.session.agent : "";
  const left = (status.tasks ?? []).filter(isUndone);
  const mine = left.filter((each) => each.agent === own).length;
  const free = left.filter((each) => !each.agent).length;
  const [at] = useQuery("at");
  if (mine + free === 0) return null;
  const to = (agent: string) => `${projectPath(status.project, "tasks")}?${new URLSearchParams({ agent, ...(at ? { at } : {}) }).toString()}`;
  return (
    <p className="owntasks">
      {mine ? <Link href={to(own)}>{count(mine, "task")} for you</Link> : null}
      {mine && free ? ", " : null}
      {free ? <Link href={to(NOBODY)}>{count(free, "task")} that nobody has taken</Link> : null}
    </p>
  );
}

function None({ status, asked }: { status: Status; asked: string | null }) {
  if (asked !== null && status.conflicts.length > 0) {
    return (
      <p className="hint">
        {asked} is not open any more. <Link href={projectPath(status.project)}>What is open</Link>
      </p>
    );
  }
  if (status.artifacts.length === 0) {
    return (
      <Empty title="Nothing is declared yet">
        <p>Agents say what they made, what it needs and what it touches. Whether all of it can stand together is decided at once.</p>
        <Commands
          lines={[
            ...(status.state === "INITIALIZED" ? [`psmp transition ${status.project} --to planning --reason "agreed"`] : []),
            `psmp declare ${status.project} --agent me --artifact backend --dep 'fastapi>=0.100  # REST API'`,
          ]}
        />
        {status.state === "INITIALIZED" && may("govern") ? (
          <p>
            It is moved on in its <Link href={projectPath(status.project, "settings")}>settings</Link>, too.
          </p>
        ) : null}
      </Empty>
    );
  }
  return (
    <div className="calm">
      <p>
        <strong>Nothing stands in the way.</strong> All {status.artifacts.filter((each) => each.status !== "ARCHIVED").length} artifacts can stand together.
      </p>
      <TransitiveNote status={status} />
    </div>
  );
}

function TransitiveNote({ status }: { status: Status }) {
  const { verdict = "unchecked", reasons = [] } = status.transitive ?? {};
  const told: Record<string, string> = {
    compatible: "Everything that the packages need themselves can be installed together, too.",
    conflict: "What the packages need themselves clashes.",
    pending: "What the packages need themselves is being checked.",
    unknown: "Whether what the packages need themselves can be installed is not known.",
    unchecked: "What the packages need themselves is not checked: no index is configured.",
  };
  return (
    <p>
      {told[verdict]} {reasons.join("; ")}
    </p>
  );
}
