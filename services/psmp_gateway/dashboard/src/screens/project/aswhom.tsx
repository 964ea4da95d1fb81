// In whose name something is said: the key's own agent, or for an admin's key another's.
import type { Status } from "../../api/words";

export function AsWhom({ status, others, value, onChange }: { status: Status; others: readonly string[]; value: string; onChange: (agent: string) => void }) {
  const governors = [status.creator ?? "", ...(status.policy.resolvers ?? [])].filter(Boolean);
  const owners = others.filter((each) => !governors.includes(each));
  return (
    <label className="field">
      In whose name
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">my own</option>
        <optgroup label="who governs the project (an admin’s key alone)">
          {[...new Set(governors)].map((each) => (
            <option key={each}>{each}</option>
          ))}
        </optgroup>
        {owners.length ? (
          <optgroup label="who owns what changes (an admin’s key alone)">
            {owners.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </optgroup>
        ) : null}
      </select>
    </label>
  );
}
