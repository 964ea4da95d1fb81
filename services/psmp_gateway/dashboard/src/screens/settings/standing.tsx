// How a project is called, what it must run in and how it is governed, to be read.
import type { Status } from "../../api/words";
import { Table } from "../../parts/table";
import { span } from "../../parts/words";
import { POLICY, type PolicyField, formOf, nameOf } from "./policy";

export function Standing({ status }: { status: Status }) {
  const { policy } = formOf(status);
  return (
    <section aria-labelledby="governed">
      <h2 id="governed">Name, targets and policy</h2>
      <dl className="facts">
        <dt>Name</dt>
        <dd>{status.name || "none"}</dd>
        <dt>Must run in</dt>
        <dd>{status.targets.map(nameOf).join(", ")}</dd>
        <dt>Made by</dt>
        <dd>{status.creator || "nobody known"}</dd>
      </dl>
      <Table
        label="Policy"
        rows={POLICY}
        keyOf={(field) => field.name}
        columns={[
          { head: "Policy", names: true, cell: (field) => field.title },
          { head: "Is", cell: (field) => said(field, policy[field.name]!) },
          { head: "Means", cell: (field) => field.about },
        ]}
      />
    </section>
  );
}

function said({ kind }: PolicyField, value: boolean | string): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return kind === "seconds" ? span(Number(value) * 1000) : value || "nobody";
}
