// The fields of a task.
import type { ReactNode } from "react";
import type { Status } from "../../api/words";

import { type Fields, everybody } from "./planning";

interface TaskFieldsProps {
  status: Status;
  fields: Fields;
  onChange: (fields: Fields) => void;
  /** Where the ids of the fields begin. */
  field: string;
  children?: ReactNode;
}

export function TaskFields({ status, fields, onChange, field, children }: TaskFieldsProps) {
  return (
    <>
      <label className="field wide">
        What is to be done
        <input id={`${field}-title`} required maxLength={200} value={fields.title} onChange={(event) => onChange({ ...fields, title: event.target.value })} />
      </label>
      <label className="field">
        More about it
        <textarea rows={3} maxLength={2000} value={fields.details} onChange={(event) => onChange({ ...fields, details: event.target.value })} />
      </label>
      <div className="fields">
        <label className="field">
          By whom
          <input list={`${field}-agents`} maxLength={64} spellCheck={false} placeholder="whoever takes it" value={fields.agent} onChange={(event) => onChange({ ...fields, agent: event.target.value })} />
        </label>
        <label className="field">
          Artifacts that shall come of it
          <input list={`${field}-artifacts`} spellCheck={false} placeholder="backend, migrations" value={fields.artifacts} onChange={(event) => onChange({ ...fields, artifacts: event.target.value })} />
        </label>
        {children}
      </div>
      <datalist id={`${field}-agents`}>
        {everybody(status).map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <datalist id={`${field}-artifacts`}>
        {status.artifacts.filter((each) => each.status !== "ARCHIVED").map((each) => (
          <option key={each.artifact} value={each.artifact} />
        ))}
      </datalist>
    </>
  );
}
