// A way out tried before it is sent: asked from the gateway as it is filled in, and told below the form.
import { useEffect, useState } from "react";
import { Problem, request, unreachable } from "../../api/client";
import type { Conflict, Status } from "../../api/words";
import { Fault } from "../../parts/notes";
import { Table } from "../../parts/table";
import { type Foreseen, foretold } from "./foretelling";
import { steps } from "./preview";

const PATH = "/api/v1/governance/conflicts/{conflict}/preview";
/** Milliseconds after the last key that was pressed. */
const SETTLED = 250;

type Wanted = Record<string, unknown> & { strategy: string };
interface Told {
  of: string;
  found: Foreseen | null;
  problem: Problem | null;
}

/** What would come of it now; null while that is asked. `as` is in whose name, "" for one's own. */
function useForeseen(status: Status, conflict: Conflict, wanted: Wanted, as: string): Told | null {
  const body = JSON.stringify(wanted);
  const of = `${status.project}/${conflict.id}/${status.sequence}/${as}/${body}`;
  const [told, setTold] = useState<Told | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const headers: Record<string, string> = as ? { "Psmp-Agent": as } : {};
    const at = { path: { conflict: conflict.id }, query: { project: status.project }, headers, signal: abort.signal };
    const timer = setTimeout(() => {
      request("POST", PATH, at, JSON.parse(body)).then(
        async (response) => setTold({ of, found: (await response.json()) as Foreseen, problem: null }),
        (error: unknown) => abort.signal.aborted || setTold({ of, found: null, problem: error instanceof Problem ? error : unreachable(String(error)) }),
      );
    }, SETTLED);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [of]);
  return told?.of === of ? told : null;
}

interface WouldBeProps {
  status: Status;
  conflict: Conflict;
  wanted: Wanted;
  as: string;
  /** What would be changed is seen elsewhere. */
  quiet?: boolean;
  /** It answers a proposal: who has to agree is asked already. */
  isAnswer?: boolean;
}

export function WouldBe({ status, conflict, wanted, as, quiet = false, isAnswer = false }: WouldBeProps) {
  const told = useForeseen(status, conflict, wanted, as);
  const changes = told?.found?.changes ?? [];
  return (
    <section className="wouldbe" aria-label="What would come of it" aria-live="polite">
      {told === null ? <p className="hint">Trying it …</p> : null}
      {told?.problem ? <Fault problem={told.problem} /> : null}
      {told?.found
        ? foretold(wanted.strategy, isAnswer ? { ...told.found, allowed: true, asked: [] } : told.found).map(({ tone, mark, text }) => (
            <p key={text} className={`word ${tone}`}>
              <span aria-hidden="true">{mark}</span> {text}
            </p>
          ))
        : null}
      {quiet || changes.length === 0 ? null : <Steps status={status} conflict={conflict} changes={changes} label="What would be changed" />}
    </section>
  );
}

export function Steps({ status, conflict, changes, label }: { status: Status; conflict: Conflict; changes: NonNullable<Foreseen["changes"]>; label: string }) {
  return (
    <Table
      label={label}
      rows={steps(status, conflict, changes)}
      keyOf={(step) => `${step.artifact}/${step.what}/${step.before}`}
      columns={[
        { head: "Artifact", cell: (step) => step.artifact, names: true },
        { head: "Whose", cell: (step) => step.agent },
        { head: "What", cell: (step) => step.what },
        { head: "Before", cell: (step) => <del><code>{step.before}</code></del> },
        { head: "After", cell: (step) => <ins><code>{step.after}</code></ins> },
        { head: "Where", cell: (step) => (step.location ? <code>{step.location}</code> : ""), optional: true },
      ]}
    />
  );
}
