// Signing in: with a key, which is shown to the gateway once, or with the issuer that it trusts.
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { Problem, get, unreachable } from "../api/client";
import { signIn } from "../api/session";
import type { Logins } from "../api/words";
import { Commands, Fault } from "../parts/notes";
import { useTitle } from "../parts/title";

export function Login({ why }: { why: Problem | null }) {
  useTitle("Sign in");
  const [logins, setLogins] = useState<Logins | null>(null);
  const [problem, setProblem] = useState<Problem | null>(why);
  useEffect(() => {
    get("/api/v1/logins").then(setLogins, (error: unknown) => setProblem(problemOf(error)));
  }, []);
  return (
    <section className="login">
      <h1 tabIndex={-1}>Sign in</h1>
      {logins?.begin ? <WithIssuer begin={logins.begin} /> : null}
      {logins?.key ? <WithKey onProblem={setProblem} /> : null}
      {problem ? <Fault problem={problem} /> : null}
      {logins?.key ? <WhereFrom /> : null}
    </section>
  );
}

function WithIssuer({ begin }: { begin: string }) {
  const next = encodeURIComponent(location.pathname + location.search);
  return (
    <p>
      <a className="button primary" href={`${begin}?next=${next}`}>
        Sign in with your organization
      </a>
    </p>
  );
}

function WithKey({ onProblem }: { onProblem: (problem: Problem | null) => void }) {
  const field = useId();
  const input = useRef<HTMLInputElement>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => input.current?.focus(), []);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const key = input.current?.value.trim() ?? "";
    if (!key || isBusy) return;
    setBusy(true);
    onProblem(null);
    try {
      await signIn(key);
    } catch (error) {
      onProblem(ofKey(problemOf(error)));
      input.current?.select();
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <label htmlFor={field}>API key</label>
      <div className="row">
        <input id={field} ref={input} type="password" name="key" autoComplete="current-password" spellCheck={false} required placeholder="psmp_…" />
        <button type="submit" className="primary" disabled={isBusy}>
          {isBusy ? "Looking …" : "Sign in"}
        </button>
      </div>
      <p className="hint">You may do here what the key may do. It is not kept in the browser.</p>
    </form>
  );
}

function WhereFrom() {
  return (
    <>
      <h2>Where a key comes from</h2>
      <p>While the stack of <code>psmp dev</code> runs, an admin’s key is in a file:</p>
      <Commands lines={["cat ~/.local/state/psmp/api-key"]} />
      <p>Whoever runs PSMP makes one for a person or an agent; it is shown once:</p>
      <Commands lines={["psmp key create alice --role resolver --days 30"]} />
    </>
  );
}

/** What a program is told of a wrong key is about headers; a person is told where keys come from. */
function ofKey(problem: Problem): Problem {
  if (problem.status !== 401) return problem;
  return new Problem({ ...problem.body, hint: "whoever runs PSMP makes another with psmp key create" });
}

function problemOf(error: unknown): Problem {
  return error instanceof Problem ? error : unreachable(String(error));
}
