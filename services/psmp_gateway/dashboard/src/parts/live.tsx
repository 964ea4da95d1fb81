// Whether this page shows what is: live and where, how far behind, or since when it is stale.
import type { Link } from "../live/link";
import { useLink, useNow } from "../live/use";
import { span } from "./words";

export function linkWords(link: Link, now: number): { tone: "good" | "warn" | "bad"; text: string; more: string } {
  switch (link.state) {
    case "closed":
      return { tone: "bad", text: "signed out", more: "" };
    case "opening":
      return { tone: "warn", text: "connecting …", more: "" };
    case "live": {
      const at = `at position ${link.position ?? "?"}`;
      if (link.trouble) return { tone: "bad", text: "stale", more: link.trouble };
      if (link.behind > 0) return { tone: "warn", text: `${link.behind} behind`, more: at };
      const took = link.delay === null ? "" : `, the newest event was here after ${link.delay} ms`;
      return { tone: "good", text: `live · ${link.position ?? 0}`, more: `${at}${took}` };
    }
    case "waiting": {
      const stale = link.since === null ? "" : `nothing new for ${span(now - link.since)}: ${link.why}`;
      const left = link.again === null ? "now" : `in ${Math.max(1, Math.ceil((link.again - now) / 1000))} s`;
      return { tone: "bad", text: `reconnecting ${left} (${link.attempts})`, more: stale };
    }
  }
}

export function LiveMark() {
  const link = useLink();
  const now = useNow(500);
  const { tone, text, more } = linkWords(link, now);
  return (
    <span className={`live ${tone}`} title={more} data-state={link.state} data-position={link.position ?? ""}>
      <span className="dot" aria-hidden="true" />
      {text}
    </span>
  );
}

/** Above everything while nothing new comes: what is shown may be old. */
export function StaleBar() {
  const link = useLink();
  const now = useNow(500);
  const isLost = link.state === "waiting" && link.since !== null && now - link.since > 1000;
  return (
    <div role="status" aria-live="polite">
      {isLost ? (
        <p className="stalebar">
          <strong>Stale for {span(now - link.since!)}.</strong> {linkWords(link, now).text}. What is shown is what was known then.
        </p>
      ) : null}
    </div>
  );
}
