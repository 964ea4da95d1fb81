// In whose name something is said: one's own, or for an admin another's.
import { may } from "../../api/session";
import type { Status } from "../../api/words";
import { governors } from "../tasks/planning";

interface AsWhomProps {
  status: Status;
  others: readonly string[];
  value: string;
  onChange: (agent: string) => void;
  /** Who the others are. */
  whose?: string;
}

export function AsWhom({ status, others, value, onChange, whose = "who owns what changes" }: AsWhomProps) {
  if (!may("speak-as-others")) return null;
  const deciding = governors(status);
  const owners = [...new Set(others)].filter((each) => !deciding.includes(each));
  return (
    <label className="field">
      In whose name
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">my own</option>
        <optgroup label="who governs the project">
          {deciding.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </optgroup>
        {owners.length ? (
          <optgroup label={whose}>
            {owners.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </optgroup>
        ) : null}
      </select>
    </label>
  );
}
