// In whose name something is said: one's own, or for an admin another's.
import { may } from "../../api/session";
import type { Status } from "../../api/words";

export function AsWhom({ status, others, value, onChange }: { status: Status; others: readonly string[]; value: string; onChange: (agent: string) => void }) {
  if (!may("speak-as-others")) return null;
  const governors = [status.creator ?? "", ...(status.policy.resolvers ?? [])].filter(Boolean);
  const owners = others.filter((each) => !governors.includes(each));
  return (
    <label className="field">
      In whose name
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">my own</option>
        <optgroup label="who governs the project">
          {[...new Set(governors)].map((each) => (
            <option key={each}>{each}</option>
          ))}
        </optgroup>
        {owners.length ? (
          <optgroup label="who owns what changes">
            {owners.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </optgroup>
        ) : null}
      </select>
    </label>
  );
}
