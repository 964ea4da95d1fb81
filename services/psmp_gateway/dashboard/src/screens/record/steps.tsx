// The steps of a proof that this browser went through by itself, and what it did not look at.
import { useEffect, useState } from "react";
import { Badge } from "../../parts/badge";
import { Loading } from "../../parts/loading";
import type { Step } from "./checking";
import { canHash } from "./merkle";

/** `of` names what is checked; `check` is run once for it. */
export function Steps({ of, holds, check }: { of: string; holds: string; check: () => Promise<readonly Step[]> }) {
  const [found, setFound] = useState<readonly Step[] | null>(null);
  const [why, setWhy] = useState("");
  useEffect(() => {
    let isOver = false;
    setFound(null);
    if (canHash()) check().then((steps) => isOver || setFound(steps), (error: unknown) => isOver || setWhy(String(error)));
    return () => {
      isOver = true;
    };
  }, [of]);
  if (!canHash()) return <p className="hint">This browser reckons hashes over https alone, so the proof is shown as it came and is not checked here.</p>;
  if (why) return <p className="fault">It cannot be checked here: {why}</p>;
  if (found === null) return <Loading what="the bytes, and reckoning hashes" />;
  const isWhole = found.every((each) => each.holds);
  return (
    <div className="checked">
      <p role="status">
        <Badge tone={isWhole ? "good" : "bad"} mark={isWhole ? "✓" : "✗"}>{isWhole ? holds : "does not hold"}</Badge> Checked in this browser:
      </p>
      <ol className="chain">
        {found.map(({ text, holds: does }) => (
          <li key={text} className={does ? undefined : "word bad"}>
            {text}: {does ? "yes" : "no"}
          </li>
        ))}
      </ol>
      <p className="hint">Whose signatures the note bears is not checked here: that takes the public keys, and <code>psmp verify</code>.</p>
    </div>
  );
}
