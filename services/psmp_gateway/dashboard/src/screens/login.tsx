// Signing in: a key is shown once, and never stands in an address.
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { API, Problem, problemOf, unreachable } from "../api/client";
import { signIn } from "../api/session";
import { store } from "../live/store";
import { Commands, Fault } from "../parts/notes";
import { useTitle } from "../parts/title";

export function Login() {
  useTitle("Sign in");
  const field = useId();
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<Problem | null>(store.refusal);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => input.current?.focus(), []);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const key = input.current?.value.trim() ?? "";
    if (!key || isBusy) return;
    setBusy(true);
    setProblem(await tried(key));
    setBusy(false);
  }

  return (
    <section className="login">
      <h1 tabIndex={-1}>Sign in</h1>
      <form onSubmit={(event) => void submit(event)}>
        <label htmlFor={field}>API key</label>
        <div className="row">
          <input id={field} ref={input} type="password" name="key" autoComplete="current-password" spellCheck={false} required placeholder="psmp_…" />
          <button type="submit" className="primary" disabled={isBusy}>
            {isBusy ? "Looking …" : "Sign in"}
          </button>
        </div>
        <p className="hint">What you may do here is what the key may do.</p>
      </form>
      {problem ? <Fault problem={problem} /> : null}
      <h2>Where a key comes from</h2>
      <p>While the stack of <code>psmp dev</code> runs, an admin's key is in a file:</p>
      <Commands lines={["cat ~/.local/state/psmp/api-key"]} />
      <p>Whoever runs PSMP makes one for a person or an agent, shown once:</p>
      <Commands lines={["psmp api-key create alice --role resolver --days 30"]} />
    </section>
  );
}

/** Signs in with a key that opens something; else what is wrong with it. */
async function tried(key: string): Promise<Problem | null> {
  try {
    const response = await fetch(`${API}/projects?limit=1`, { headers: { Authorization: `Bearer ${key}` }, cache: "no-store" });
    if (!response.ok) return await problemOf(response);
  } catch (error) {
    return unreachable(error instanceof Error ? error.message : "");
  }
  signIn(key);
  return null;
}
