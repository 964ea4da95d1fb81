// A reason, and what is done for it.
import { type FormEvent, useId, useState } from "react";
import { Problem, unreachable } from "../api/client";
import type { Permission } from "../api/roles";
import { may } from "../api/session";
import { store } from "../live/store";
import { Fault } from "./notes";

interface ActingProps {
  permission: Permission;
  /** What it is done about, for who hears the page. */
  about: string;
  acts: Record<string, (reason: string) => Promise<unknown>>;
  done?: () => void;
}

/** The buttons are named by `acts`. Nothing for who may not. */
export function Acting({ permission, about, acts, done }: ActingProps) {
  const [reason, setReason] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const field = useId();
  if (!may(permission)) return null;

  async function act(event: FormEvent): Promise<void> {
    event.preventDefault();
    const button = (event.nativeEvent as SubmitEvent).submitter as HTMLButtonElement | null;
    const chosen = acts[button?.value ?? Object.keys(acts)[0]!];
    if (isBusy || chosen === undefined) return;
    setBusy(true);
    try {
      await chosen(reason);
      setProblem(null);
      setReason("");
      done?.();
    } catch (error) {
      setProblem(error instanceof Problem ? error : unreachable(String(error)));
    } finally {
      setBusy(false);
      store.anew();
    }
  }

  return (
    <form className="acting" onSubmit={(event) => void act(event)}>
      <label htmlFor={field}>
        Reason <span className="hidden">about {about}</span>
      </label>
      <input id={field} required maxLength={2000} value={reason} onChange={(event) => setReason(event.target.value)} />
      {Object.keys(acts).map((name) => (
        <button key={name} type="submit" value={name} disabled={isBusy} aria-label={`${name}: ${about}`}>
          {name}
        </button>
      ))}
      <div aria-live="polite">{problem ? <Fault problem={problem} /> : null}</div>
    </form>
  );
}
