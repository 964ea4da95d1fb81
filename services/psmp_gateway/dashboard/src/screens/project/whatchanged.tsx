// What is otherwise in a project at one event than at an earlier one. Both stand in the address.
import { useId } from "react";
import type { Status } from "../../api/words";
import { type Difference, useDifferences } from "../../live/record";
import { Badge } from "../../parts/badge";
import { Loading } from "../../parts/loading";
import { Fault } from "../../parts/notes";
import { Table } from "../../parts/table";
import { count } from "../../parts/words";
import { useQuery } from "../../routing/address";
import { spelled } from "./spelling";

const BECAME: Record<Difference["became"], readonly ["good" | "bad" | "info", string]> = { added: ["good", "+"], removed: ["bad", "−"], changed: ["info", "≠"] };

export function WhatChanged({ now, upto }: { now: Status; upto: number }) {
  const [from, setFrom] = useQuery("from");
  const [to, setTo] = useQuery("to");
  const field = useId();
  const last = placed(to, now.sequence) ?? upto;
  const first = placed(from, now.sequence) ?? Math.max(1, last - 1);
  return (
    <>
      <div className="travel">
        <label htmlFor={field}>From event</label>
        <input id={field} type="number" min={1} max={now.sequence} value={from} placeholder={String(first)} onChange={(event) => setFrom(event.target.value)} />
        <label htmlFor={`${field}t`}>to event</label>
        <input id={`${field}t`} type="number" min={1} max={now.sequence} value={to} placeholder={String(last)} onChange={(event) => setTo(event.target.value)} />
        <span className="hint">1 to {now.sequence}; nothing named is the newest, and the one before it</span>
      </div>
      {first >= last ? (
        <p className="none">Name an earlier event first, and a later one then.</p>
      ) : (
        <Found key={`${first}/${last}`} project={now.project} first={first} last={last} />
      )}
    </>
  );
}

function placed(said: string, most: number): number | null {
  return /^[1-9]\d*$/.test(said) && Number(said) <= most ? Number(said) : null;
}

function Found({ project, first, last }: { project: string; first: number; last: number }) {
  const { data, problem, refresh } = useDifferences(project, first, last);
  if (data === null) return problem ? <Fault problem={problem} retry={refresh} /> : <Loading what="what changed" />;
  const rows = data.differences ?? [];
  return (
    <>
      <p role="status">
        {rows.length ? `${count(rows.length, "thing")} changed` : "Nothing changed"} from event <span className="sequence">{data.at.sequence}</span> to event <span className="sequence">{data.to.sequence}</span>.
      </p>
      {rows.length ? (
        <Table
          label={`What changed from event ${data.at.sequence} to event ${data.to.sequence}`}
          rows={rows}
          keyOf={({ what, name }) => `${what}/${name}`}
          columns={[
            { head: "What", names: true, cell: ({ what, name }) => (what === "project" || what === "policy" ? what : <>{what} <span className="version">{name}</span></>) },
            { head: "Became", cell: ({ became }) => <Badge tone={BECAME[became][0]} mark={BECAME[became][1]}>{became}</Badge> },
            { head: "Says", cell: (each) => <Fields of={each} /> },
          ]}
        />
      ) : null}
    </>
  );
}

/** Of what has come or gone each field is told once, of what has changed before and after. */
function Fields({ of: { became, fields = [] } }: { of: Difference }) {
  return (
    <ul>
      {fields.map(({ name, before, after }) => {
        const [was, is] = [spelled(before), spelled(after)];
        return (
          <li key={name}>
            <span className="hint">{name.replaceAll("_", " ")}</span>{" "}
            {became !== "changed" ? was || is : <>{was ? <del><code>{was}</code></del> : null} {is ? <ins><code>{is}</code></ins> : null}</>}
          </li>
        );
      })}
    </ul>
  );
}
