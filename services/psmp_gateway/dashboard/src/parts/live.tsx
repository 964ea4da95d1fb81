// Whether this page shows what is: live and where, how far behind, or since when it is stale.
import { useLink, useNow } from "../live/use";
import { linkWords } from "../live/wording";
import { span } from "./words";

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
