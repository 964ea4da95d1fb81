// As of which event somebody looks at a conflict: an answer to what it was before is refused, here and by the rules.
import { useEffect, useState } from "react";
import type { Conflict, Status } from "../../api/words";
import { Link } from "../../routing/link";
import { projectPath } from "../../routing/routes";

export interface Seen {
  /** The event that is looked at; it moves on by itself while the conflict stays what it is. */
  seen: number;
  hasChanged: boolean;
  look: () => void;
}

export function useSeen(status: Status, conflict: Conflict): Seen {
  const [seen, setSeen] = useState(status.sequence);
  const hasChanged = (status.told?.[conflict.id] ?? 0) > seen;
  useEffect(() => {
    if (!hasChanged) setSeen(status.sequence);
  }, [hasChanged, status.sequence]);
  return { seen, hasChanged, look: () => setSeen(status.sequence) };
}

/** Says that the conflict is another now; nothing while it is not. */
export function Changed({ status, conflict, seen: { seen, hasChanged, look } }: { status: Status; conflict: Conflict; seen: Seen }) {
  const told = status.told?.[conflict.id] ?? 0;
  return (
    <div aria-live="assertive">
      {hasChanged ? (
        <div className="fault changed">
          <p>
            <strong>{conflict.id} has changed since you opened this</strong> (event {told}). What you see is the newest: its suggestions may be others under the same numbers, so nothing is sent before you have looked.{" "}
            <Link href={`${projectPath(status.project, "timeline")}?form=changes&from=${seen}&to=${told}`}>What changed</Link>
          </p>
          <button type="button" onClick={look}>
            I have looked at it
          </button>
        </div>
      ) : null}
    </div>
  );
}
