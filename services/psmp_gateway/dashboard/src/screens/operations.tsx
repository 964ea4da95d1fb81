// What runs, how far behind it is, what was given up, and what waits for a person.
import { post } from "../api/client";
import { may } from "../api/session";
import type { AlertLine } from "../api/words";
import { type Letter, type Operations, useLetters, useOperations } from "../live/record";
import { useAlerts } from "../live/sources";
import { useAgain } from "../live/use";
import { Badge, SeverityBadge } from "../parts/badge";
import { Acting } from "../parts/acting";
import { Lacking } from "../parts/lacking";
import { Loading } from "../parts/loading";
import { Fault } from "../parts/notes";
import { Table } from "../parts/table";
import { Ago } from "../parts/time";
import { useTitle } from "../parts/title";
import { count } from "../parts/words";
import { useQuery } from "../routing/address";
import { Link } from "../routing/link";
import { projectPath } from "../routing/routes";

export function OperationsScreen() {
  useTitle("Operations");
  return (
    <div className="page">
      <div className="head">
        <h1 tabIndex={-1}>Operations</h1>
      </div>
      <div className="sections">
        <Alerts />
        {may("inspect") ? <Letters /> : null}
        {may("inspect") ? <Running /> : <Lacking permission="inspect" to="see what runs, and which messages were given up," />}
      </div>
    </div>
  );
}

function Alerts() {
  const [which, setWhich] = useQuery("alerts", "waiting");
  const { data, problem, refresh } = useAlerts(which === "waiting");
  useAgain(refresh, REFRESHED);
  return (
    <section aria-labelledby="alerts">
      <div className="tools">
        <h2 id="alerts">Alerts</h2>
        <label className="check">
          <input type="checkbox" checked={which !== "waiting"} onChange={(event) => setWhich(event.target.checked ? "all" : "waiting")} />
          also those that somebody has taken
        </label>
      </div>
      <Lacking permission="operate" to="take an alert in hand" />
      {problem ? <Fault problem={problem} retry={refresh} /> : null}
      {data === null ? problem ? null : <Loading what="alerts" /> : data.length === 0 ? <p className="calm">No alert waits for anybody.</p> : (
        <ul className="alarms">
          {data.map((alert) => (
            <Alarm key={`${alert.project}/${alert.alert}`} alert={alert} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Alarm({ alert }: { alert: AlertLine }) {
  return (
    <li data-alert={alert.alert}>
      <p>
        <SeverityBadge severity={alert.severity} /> <Link href={projectPath(alert.project, "overview", alert.conflict ?? null)}>{alert.project}</Link> {alert.text} <Ago time={alert.since} />
      </p>
      {alert.hint ? <p className="hint">{alert.hint}</p> : null}
      {alert.taken ? (
        <p className="hint">{alert.taken} has taken it.</p>
      ) : (
        <Acting
          permission="operate"
          about={`${alert.project}: ${alert.text}`}
          acts={{ Acknowledge: (reason) => post("/api/v1/alerts/{alert}/acknowledge", { path: { alert: alert.alert }, query: { project: alert.project } }, { reason }) }}
        />
      )}
    </li>
  );
}

function Letters() {
  const [which, setWhich] = useQuery("letters", "waiting");
  const { data, problem, refresh } = useLetters(which === "waiting");
  useAgain(refresh, REFRESHED);
  return (
    <section aria-labelledby="letters">
      <div className="tools">
        <h2 id="letters">Dead letters</h2>
        <label className="check">
          <input type="checkbox" checked={which !== "waiting"} onChange={(event) => setWhich(event.target.checked ? "all" : "waiting")} />
          also those that were retried or dropped
        </label>
      </div>
      <Lacking permission="operate" to="have a message tried again, or drop it," />
      {problem ? <Fault problem={problem} retry={refresh} /> : null}
      {data === null ? problem ? null : <Loading what="dead letters" /> : data.length === 0 ? <p className="calm">No message was given up.</p> : (
        <ul className="alarms">
          {data.map((letter) => (
            <Given key={letter.letter} letter={letter} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Given({ letter }: { letter: Letter }) {
  const path = { letter: letter.letter };
  return (
    <li data-letter={letter.letter}>
      <p>
        <Badge tone={letter.state === "retried" || letter.state === "dropped" ? "quiet" : "warn"} mark="✉">
          {letter.state}
        </Badge>{" "}
        <strong>{letter.letter}</strong> {letter.service} gave it up after {count(letter.tries, "try", "tries")}: {letter.reason} <Ago time={letter.time} />
      </p>
      <details>
        <summary>What it says</summary>
        <p className="hint"><code>{letter.subject}</code></p>
        <pre className="json">{letter.body}</pre>
      </details>
      {letter.state === "retried" || letter.state === "dropped" ? null : (
        <Acting
          permission="operate"
          about={`dead letter ${letter.letter}`}
          acts={{
            Retry: (reason) => post("/api/v1/dead-letters/{letter}/retry", { path }, { reason }),
            Drop: (reason) => post("/api/v1/dead-letters/{letter}/drop", { path }, { reason }),
          }}
        />
      )}
    </li>
  );
}

const REFRESHED = 10_000;

function Running() {
  const { data, problem, refresh } = useOperations();
  useAgain(refresh, REFRESHED);
  if (data === null) return problem ? <Fault problem={problem} retry={refresh} /> : <Loading what="what runs" />;
  return (
    <>
      {problem ? <Fault problem={problem} retry={refresh} /> : null}
      <Services state={data} />
      <Consumers state={data} />
      <Stores state={data} />
    </>
  );
}

function Services({ state }: { state: Operations }) {
  return (
    <section aria-labelledby="services">
      <h2 id="services">Services, as the watchdog hears them</h2>
      <Table
        label="Services"
        rows={state.services}
        keyOf={(each) => each.service}
        tone={(each) => (each.alive ? undefined : "bad")}
        columns={[
          { head: "Service", names: true, cell: (each) => each.service },
          { head: "Is", cell: (each) => <Badge tone={each.alive ? "good" : "bad"} mark={each.alive ? "♥" : "✗"}>{each.alive ? "alive" : "silent"}</Badge> },
          { head: "Processes", number: true, cell: (each) => each.alive },
          {
            head: "Heard",
            cell: (each) =>
              (each.instances ?? []).map(({ instance, heard, leaving }) => (
                <span key={instance} className="sub">
                  {instance} <Ago time={heard} />
                  {leaving ? ", leaving" : ""}
                </span>
              )),
          },
        ]}
      />
    </section>
  );
}

/** The consumers that are read only where that was asked for: by an index for the checker, by webhooks. */
const UNASKED: ReadonlySet<string> = new Set(["solver", "webhooks"]);

function Lag({ behind, unread = false }: { behind: number; unread?: boolean }) {
  if (unread) return <span className="meta">not in use</span>;
  return behind === 0 ? <Badge tone="good" mark="✓">none</Badge> : <Badge tone="warn" mark="△">{behind.toLocaleString("en")}</Badge>;
}

function Consumers({ state }: { state: Operations }) {
  return (
    <section aria-labelledby="consumers">
      <h2 id="consumers">Consumers, and how far behind they are</h2>
      <Table
        label="Consumers"
        rows={state.consumers}
        keyOf={(each) => `${each.stream}/${each.name}`}
        columns={[
          { head: "Consumer", names: true, cell: (each) => each.name },
          { head: "Service", cell: (each) => each.service },
          { head: "Stream", cell: (each) => <code>{each.stream}</code> },
          { head: "Behind", cell: (each) => <Lag behind={each.behind} unread={UNASKED.has(each.name) && !each.asking} /> },
          { head: "In hand", number: true, cell: (each) => each.in_hand },
          { head: "Once more", number: true, cell: (each) => each.again ?? 0 },
        ]}
      />
    </section>
  );
}

function Stores({ state }: { state: Operations }) {
  return (
    <section aria-labelledby="stores">
      <h2 id="stores">The log, and who follows it into Postgres</h2>
      <p>
        The log is at position <span className="sequence">{state.position}</span>
        {state.standing ? `, standing: ${state.standing}` : ""}; {count(state.readers ?? 0, "live reader")} at this gateway.
      </p>
      <Table
        label="Followers"
        rows={state.followers}
        keyOf={(each) => each.name}
        columns={[
          { head: "Follower", names: true, cell: (each) => each.name },
          { head: "Position", number: true, cell: (each) => <span className="sequence">{each.position}</span> },
          { head: "Behind", cell: (each) => <Lag behind={each.behind} /> },
        ]}
      />
      <Table
        label="Streams"
        rows={state.streams}
        keyOf={(each) => each.name}
        columns={[
          { head: "Stream", names: true, cell: (each) => <code>{each.name}</code> },
          { head: "Messages", number: true, cell: (each) => each.messages.toLocaleString("en") },
          { head: "KiB", number: true, cell: (each) => Math.round(each.bytes / 1024).toLocaleString("en") },
        ]}
      />
    </section>
  );
}
