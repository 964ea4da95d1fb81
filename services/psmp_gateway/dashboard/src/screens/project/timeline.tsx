// All that happened in a project, newest first: in a line each, in full, or as it is stored.
import { useState } from "react";
import { Problem, unreachable } from "../../api/client";
import type { Status } from "../../api/words";
import { type History, type Recorded, older, useHistory } from "../../live/record";
import { unsealed } from "../../live/sealed";
import { Loading } from "../../parts/loading";
import { Fault } from "../../parts/notes";
import { Table } from "../../parts/table";
import { Ago } from "../../parts/time";
import { useQuery } from "../../routing/address";
import { Link } from "../../routing/link";
import { projectPath } from "../../routing/routes";
import { telling } from "./telling";
import { WhatChanged } from "./whatchanged";

const FORMS = [["compact", "Compact"], ["full", "Full"], ["json", "JSON"], ["changes", "What changed"]] as const;
const KINDS = ["artifact", "conflict", "resolution", "project", "task", "slot", "agent", "alert", "command", "compatibility"];

export function Timeline({ status, now }: { status: Status; now: Status }) {
  const [form, setForm] = useQuery("form", "compact");
  const [kind, setKind] = useQuery("kind");
  return (
    <section aria-labelledby="timeline" className="timeline">
      <div className="tools">
        <h2 id="timeline">Timeline</h2>
        <fieldset className="forms">
          <legend className="hidden">Form</legend>
          {FORMS.map(([each, name]) => (
            <label key={each} className="choose">
              <input type="radio" name="form" checked={form === each} onChange={() => setForm(each)} />
              {name}
            </label>
          ))}
        </fieldset>
        {form === "changes" ? null : (
          <label className="choose">
            Kind
            <select value={kind} onChange={(event) => setKind(event.target.value)}>
              <option value="">all</option>
              {KINDS.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
        )}
      </div>
      {form === "changes" ? <WhatChanged now={now} upto={status.sequence} /> : <Told project={now.project} kind={kind} form={form} upto={status.sequence} />}
    </section>
  );
}

function Told({ project, kind, form, upto }: { project: string; kind: string; form: string; upto: number }) {
  const wanted = kind ? `${kind}.*` : "";
  const { data, problem, refresh } = useHistory(project, wanted);
  return (
    <>
      {problem ? <Fault problem={problem} retry={refresh} /> : null}
      {data === null ? problem ? null : <Loading what="events" /> : <Events key={kind} project={project} kind={wanted} newest={data} form={form} upto={upto} />}
    </>
  );
}

interface EventsProps {
  project: string;
  kind: string;
  newest: History;
  form: string;
  upto: number;
}

function Events({ project, kind, newest, form, upto }: EventsProps) {
  const [more, setMore] = useState<History>({ items: [], opened: {}, cursor: newest.cursor });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const rows = [...newest.items, ...more.items].filter((each) => each.event.sequence <= upto);
  const opened = { ...newest.opened, ...more.opened };
  const read = form === "json" ? rows : rows.map((row) => ({ ...row, event: { ...row.event, data: unsealed(row.event.data, opened) } }));

  async function further(): Promise<void> {
    if (more.cursor === null || isBusy) return;
    setBusy(true);
    try {
      const page = await older(project, kind, more.cursor);
      setMore((known) => ({ items: [...known.items, ...page.items], opened: { ...known.opened, ...page.opened }, cursor: page.cursor }));
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Problem ? error : unreachable(String(error)));
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      {rows.length === 0 ? <p className="none">Nothing of that kind happened.</p> : form === "json" ? <AsJson rows={rows} /> : form === "full" ? <InFull rows={read} /> : <Compact rows={read} project={project} />}
      {problem ? <Fault problem={problem} /> : null}
      {more.cursor === null ? null : (
        <button type="button" onClick={() => void further()} disabled={isBusy}>
          {isBusy ? "Reading …" : "Show what is older"}
        </button>
      )}
    </>
  );
}

function kindOf({ event }: Recorded): string {
  return /^psmp\.(.+)\.v\d+$/.exec(event.type)?.[1] ?? event.type;
}

function Compact({ rows, project }: { rows: readonly Recorded[]; project: string }) {
  return (
    <Table
      label="Events, newest first"
      rows={rows}
      keyOf={(row) => row.position}
      tone={(row) => (kindOf(row) === "conflict.detected" ? "bad" : undefined)}
      columns={[
        { head: "Event", number: true, names: true, cell: ({ event }) => <Link className="sequence" href={`${projectPath(project)}?at=${event.sequence}`} aria-label={`event ${event.sequence}: how it stood then`}>{event.sequence}</Link> },
        { head: "When", cell: ({ event }) => <Ago time={event.time} /> },
        { head: "What", cell: (row) => <code>{kindOf(row)}</code> },
        { head: "Who", cell: ({ event }) => event.actor },
        { head: "Says", cell: (row) => telling(kindOf(row), row.event.data) },
      ]}
    />
  );
}

function InFull({ rows }: { rows: readonly Recorded[] }) {
  return (
    <ol className="entries" aria-label="Events, newest first">
      {rows.map((row) => (
        <li key={row.position} className={kindOf(row) === "conflict.detected" ? "bad" : "quiet"}>
          <h3>
            <span className="sequence">{row.event.sequence}</span> {kindOf(row)}
          </h3>
          <p>{telling(kindOf(row), row.event.data)}</p>
          <dl className="facts">
            <dt>Who</dt>
            <dd>{row.event.actor}</dd>
            <dt>When</dt>
            <dd>{row.event.time}</dd>
            <dt>Position</dt>
            <dd className="sequence">{row.position}</dd>
            <dt>Id</dt>
            <dd><code>{row.event.id}</code></dd>
            <dt>Follows from</dt>
            <dd><code>{String(row.event["causationid"] ?? "nothing")}</code></dd>
            <dt>Leaf</dt>
            <dd><code>{row.leaf}</code></dd>
            {Object.entries(row.event.data).filter(([, value]) => !isVoid(value)).map(([name, value]) => (
              <Fact key={name} name={name} value={value} />
            ))}
          </dl>
        </li>
      ))}
    </ol>
  );
}

function isVoid(value: unknown): boolean {
  return value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);
}

function Fact({ name, value }: { name: string; value: unknown }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{typeof value === "object" ? <code>{JSON.stringify(value)}</code> : String(value)}</dd>
    </>
  );
}

function AsJson({ rows }: { rows: readonly Recorded[] }) {
  return (
    <ol className="entries" aria-label="Events as they are stored, newest first">
      {rows.map((row) => (
        <li key={row.position}>
          <pre className="json">{JSON.stringify(row.event, null, 1)}</pre>
        </li>
      ))}
    </ol>
  );
}
