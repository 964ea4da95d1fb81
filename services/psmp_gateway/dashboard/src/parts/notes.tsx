// What stands where there is nothing to show: an empty place teaches, a fault says what to do.
import type { ReactNode } from "react";
import type { Problem } from "../api/client";

export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Commands to type, each on a line of its own. */
export function Commands({ lines }: { lines: readonly string[] }) {
  return (
    <pre className="commands">
      {lines.map((line) => (
        <code key={line}>{line}</code>
      ))}
    </pre>
  );
}

export function Fault({ problem, retry }: { problem: Problem; retry?: () => void }) {
  return (
    <div className="fault" role="alert">
      <p>
        <strong>{problem.body.title}.</strong> {sentence(problem.body.detail)}
      </p>
      {problem.hint ? <p className="hint">{sentence(problem.hint)}</p> : null}
      <p className="meta">
        <code>{problem.code}</code>
        {retry ? (
          <button type="button" className="plain" onClick={retry}>
            Ask again
          </button>
        ) : null}
      </p>
    </div>
  );
}

/** A screen of which nothing is known yet: it is being read, or why it cannot be. */
export function Unread({ title, problem, retry }: { title: string; problem: Problem | null; retry?: () => void }) {
  return (
    <section className="page">
      <h1 tabIndex={-1}>{title}</h1>
      {problem ? (
        <Fault problem={problem} {...(retry ? { retry } : {})} />
      ) : (
        <p className="loading" role="status">
          Reading …
        </p>
      )}
    </section>
  );
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
