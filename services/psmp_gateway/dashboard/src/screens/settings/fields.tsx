// The fields of a project's targets and of its policy.
import { useId } from "react";
import type { Target } from "../../api/words";
import { span } from "../../parts/words";
import { type Form, POLICY, type PolicyField } from "./policy";

const MOST = 20;
const SYSTEMS = ["linux", "macos", "windows"] as const;
const MACHINES = ["x86_64", "arm64"] as const;

export function Targets({ targets, onChange }: { targets: readonly Target[]; onChange: (targets: readonly Target[]) => void }) {
  const replaced = (place: number, target: Target) => onChange(targets.map((each, here) => (here === place ? target : each)));
  return (
    <div className="changes">
      {targets.map((target, place) => (
        <fieldset key={place} className="wish">
          <legend>{targets.length > 1 ? `Must run in, ${place + 1} of ${targets.length}` : "Must run in"}</legend>
          <OneTarget target={target} onChange={(next) => replaced(place, next)} />
          {targets.length > 1 ? (
            <button type="button" className="plain" onClick={() => onChange(targets.filter((_, here) => here !== place))}>
              Leave out <span className="hidden">target {place + 1}</span>
            </button>
          ) : null}
        </fieldset>
      ))}
      {targets.length < MOST ? (
        <button type="button" className="plain" onClick={() => onChange([...targets, { ...targets.at(-1) }])}>
          One more target
        </button>
      ) : null}
    </div>
  );
}

function OneTarget({ target, onChange }: { target: Target; onChange: (target: Target) => void }) {
  return (
    <div className="fields">
      <label className="field">
        Python
        <input className="short" value={target.python ?? "3.11"} required pattern="3\.[0-9]{1,2}(\.[0-9]{1,3})?" title="3.12, or 3.12.4" spellCheck={false} onChange={(event) => onChange({ ...target, python: event.target.value })} />
      </label>
      <label className="field">
        System
        <select value={target.platform ?? "linux"} onChange={(event) => onChange({ ...target, platform: event.target.value as (typeof SYSTEMS)[number] })}>
          {SYSTEMS.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <label className="field">
        Machine
        <select value={target.machine ?? ""} onChange={(event) => onChange({ ...target, machine: (event.target.value || null) as Target["machine"] & (string | null) })}>
          <option value="">any; what depends on it is not known</option>
          {MACHINES.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
    </div>
  );
}

export function PolicyFields({ policy, onChange }: { policy: Form["policy"]; onChange: (policy: Form["policy"]) => void }) {
  return (
    <fieldset className="policy">
      <legend>Policy</legend>
      {POLICY.map((field) => (
        <OneField key={field.name} field={field} value={policy[field.name]!} onChange={(value) => onChange({ ...policy, [field.name]: value })} />
      ))}
    </fieldset>
  );
}

function OneField({ field, value, onChange }: { field: PolicyField; value: boolean | string; onChange: (value: boolean | string) => void }) {
  const id = useId();
  return (
    <div className="onefield" data-policy={field.name}>
      <label htmlFor={id}>{field.title}</label>
      <span className="control">
        <Control id={id} field={field} value={value} onChange={onChange} />
        {field.kind === "seconds" ? <span className="hint">seconds, {span(Number(value) * 1000)}</span> : null}
      </span>
      <p className="hint" id={`${id}-about`}>
        {field.about}
      </p>
    </div>
  );
}

function Control({ id, field: { kind, most }, value, onChange }: { id: string; field: PolicyField; value: boolean | string; onChange: (value: boolean | string) => void }) {
  const about = { id, "aria-describedby": `${id}-about` };
  if (typeof value === "boolean") return <input {...about} type="checkbox" checked={value} onChange={(event) => onChange(event.target.checked)} />;
  if (kind === "agents") return <input {...about} value={value} placeholder="nobody" spellCheck={false} onChange={(event) => onChange(event.target.value)} />;
  return <input {...about} type="number" className="short" required min={1} max={most} step={1} value={value} onChange={(event) => onChange(event.target.value)} />;
}
