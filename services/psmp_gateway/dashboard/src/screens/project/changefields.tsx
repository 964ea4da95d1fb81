// The fields of changes: whose artifact, what of it, and what it is to be.
import { useId } from "react";
import type { Conflict, Status } from "../../api/words";
import { ACTIONS, type Action, type Wish, actionsFor, artifactsFor, begun, namesFor, now } from "./changing";

interface ChangeFieldsProps {
  status: Status;
  conflict: Conflict;
  wishes: readonly Wish[];
  onChange: (wishes: readonly Wish[]) => void;
  /** Only what is this agent's can be changed. */
  of?: string;
}

const MOST = 8;

export function ChangeFields({ status, conflict, wishes, onChange, of }: ChangeFieldsProps) {
  const replaced = (place: number, wish: Wish) => onChange(wishes.map((each, here) => (here === place ? wish : each)));
  return (
    <div className="changes">
      {wishes.map((wish, place) => (
        <fieldset key={place} className="wish">
          <legend>{wishes.length > 1 ? `Change ${place + 1}` : "What is to be changed"}</legend>
          <OneChange status={status} conflict={conflict} wish={wish} of={of} onChange={(next) => replaced(place, next)} />
          {wishes.length > 1 ? (
            <button type="button" className="plain" onClick={() => onChange(wishes.filter((_, here) => here !== place))}>
              Leave out <span className="hidden">change {place + 1}</span>
            </button>
          ) : null}
        </fieldset>
      ))}
      {wishes.length < MOST ? (
        <button type="button" className="plain" onClick={() => onChange([...wishes, begun(status, conflict, wishes.at(-1)?.artifact)])}>
          Change one more thing with it
        </button>
      ) : null}
    </div>
  );
}

function OneChange({ status, conflict, wish, of, onChange }: { status: Status; conflict: Conflict; wish: Wish; of: string | undefined; onChange: (wish: Wish) => void }) {
  const field = useId();
  const artifacts = artifactsFor(status, conflict).filter((each) => of === undefined || each.agent === of);
  const artifact = artifacts.find((each) => each.artifact === wish.artifact);
  const names = namesFor(artifact, wish.action);
  return (
    <div className="fields">
      <label className="field">
        Artifact
        <select value={wish.artifact} onChange={(event) => onChange(begun(status, conflict, event.target.value, wish.action))}>
          {artifacts.map((each) => (
            <option key={each.artifact} value={each.artifact}>
              {each.artifact} of {each.agent}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        Gets
        <select value={wish.action} onChange={(event) => onChange(begun(status, conflict, wish.artifact, event.target.value as Action))}>
          {actionsFor(conflict.kind).map((each) => (
            <option key={each} value={each}>
              {ACTIONS[each]}
            </option>
          ))}
        </select>
      </label>
      {wish.action === "require" || wish.action === "release" ? (
        <label className="field">
          {wish.action === "require" ? "Package" : "Path"}
          <select value={wish.name} onChange={(event) => onChange({ ...wish, name: event.target.value, value: now(artifact, wish.action, event.target.value) })}>
            {names.length === 0 ? <option value="">none</option> : null}
            {names.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      ) : null}
      {wish.action === "release" ? null : (
        <label className="field" htmlFor={field}>
          {wish.action === "isolate" ? "Its name" : "Versions"}
          <input id={field} value={wish.value} maxLength={200} spellCheck={false} required={wish.action === "isolate"} placeholder={wish.action === "isolate" ? "notebooks" : "any"} onChange={(event) => onChange({ ...wish, value: event.target.value })} />
        </label>
      )}
    </div>
  );
}
