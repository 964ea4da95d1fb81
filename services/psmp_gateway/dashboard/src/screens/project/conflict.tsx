// One conflict: what it is, who is party to it, the line of versions, the ways out.
import { useEffect, useRef, useState } from "react";
import type { Conflict, Party, Resolution, Status, Waiver } from "../../api/words";
import { useNumberLine } from "../../live/sources";
import { useEvents } from "../../live/use";
import { Badge, SeverityBadge } from "../../parts/badge";
import { Evidence } from "../../parts/evidence";
import { Table } from "../../parts/table";
import { Ago } from "../../parts/time";
import { count, listed } from "../../parts/words";
import { useQuery } from "../../routing/address";
import { Answering } from "./answering";
import { useChosen } from "./chosen";
import { ending } from "./ending";
import { NumberLineFigure } from "./numberline";
import { OtherWays } from "./otherways";
import { Suggestions } from "./suggestions";

const KINDS: Record<Conflict["kind"], string> = {
  version: "versions",
  python: "Python",
  reference: "references",
  path: "path",
  transitive: "what packages need",
  "no-version": "no such version",
};

export function ConflictArticle({ status, conflict }: { status: Status; conflict: Conflict }) {
  const [chosen] = useChosen(status.project, conflict.id);
  const [at] = useQuery("at"); // in the past nothing is asked and nothing answered
  const isDrawn = conflict.kind === "version" || conflict.kind === "python";
  const resolution = status.resolutions?.find((each) => each.conflict === conflict.id);
  const waiver = status.waivers?.find((each) => each.conflict === conflict.id);
  const told = status.told?.[conflict.id];
  return (
    <article className="conflict" aria-labelledby={conflict.id} data-conflict={conflict.id}>
      <header>
        <h2 id={conflict.id}>
          <span className="id">{conflict.id}</span> {conflict.subject}
        </h2>
        <p className="meta">
          <SeverityBadge severity={conflict.severity} />
          <span>{[KINDS[conflict.kind], conflict.ecosystem, conflict.scope].filter(Boolean).join(" · ")}</span>
          {conflict.environments.length ? <span>on {listed(conflict.environments)}</span> : null}
          {conflict.environment ? <span>in the environment {conflict.environment}</span> : null}
          {told === undefined ? null : <span>as of event <span className="sequence">{told}</span></span>}
        </p>
      </header>
      <p className="because">
        <Evidence conflict={conflict} />
      </p>
      <News status={status} conflict={conflict} />
      {resolution ? <UnderWay resolution={resolution} /> : null}
      {at === "" ? <Ended project={status.project} conflict={conflict.id} now={resolution?.resolution} /> : null}
      {resolution && at === "" ? <Answering status={status} conflict={conflict} resolution={resolution} /> : null}
      {waiver ? <Waived waiver={waiver} /> : null}
      {isDrawn ? <Line status={status} conflict={conflict} way={chosen} /> : null}
      <Parties conflict={conflict} />
      {conflict.chain?.length ? <Chain chain={conflict.chain} /> : null}
      <Suggestions status={status} conflict={conflict} />
      {at === "" ? <OtherWays status={status} conflict={conflict} /> : null}
    </article>
  );
}

/** The conflict became another while somebody looked. */
function News({ status, conflict }: { status: Status; conflict: Conflict }) {
  const told = status.told?.[conflict.id] ?? 0;
  const [first] = useState(told);
  return (
    <p role="status" className={told > first ? "underway" : undefined}>
      {told > first ? `${conflict.id} has changed while you looked: this is how it stands since event ${told}.` : ""}
    </p>
  );
}

function Line({ status, conflict, way }: { status: Status; conflict: Conflict; way: number | null }) {
  const { data } = useNumberLine(status.project, conflict.id, status.told?.[conflict.id] ?? 0);
  if (data === null) return <div className="numberline waiting" aria-hidden="true" />;
  return (data.lanes ?? []).length > 0 ? <NumberLineFigure line={data} way={way} /> : null;
}

function Parties({ conflict }: { conflict: Conflict }) {
  const clash = conflict.causes.length > 1 ? ` They clash in ${count(conflict.causes.length, "way")}: ${conflict.causes.map((each) => each.join(" with ")).join("; ")}.` : "";
  return (
    <section aria-label="Parties">
      <Table
        label={`Parties of ${conflict.id}`}
        rows={conflict.parties}
        keyOf={(party: Party) => `${party.artifact}/${party.scope ?? ""}/${party.marker ?? ""}/${party.constraint}`}
        columns={[
          { head: "Who", cell: (party) => party.agent, names: true },
          { head: conflict.kind === "path" ? "Does" : "Needs", cell: needs },
          { head: "Why", cell: (party) => party.purpose ?? "", optional: true },
          { head: "Artifact", cell: (party) => `${party.artifact} v${party.version}` },
          { head: "Where", cell: (party) => (party.location ? <code>{party.location}</code> : ""), optional: true },
          { head: "Event", cell: (party) => <span className="sequence">{party.sequence}</span>, number: true },
        ]}
      />
      {clash || conflict.complete === false ? (
        <p className="hint">
          {clash}
          {conflict.complete === false ? " There are more sets that clash than are listed." : ""}
        </p>
      ) : null}
    </section>
  );
}

function needs(party: Party) {
  const said = party.reference ? `@ ${party.reference}` : party.constraint || "any version";
  const about = [party.scope && party.scope !== "runtime" ? party.scope : "", party.marker ? `where ${party.marker}` : ""].filter(Boolean);
  return (
    <>
      <code>{said}</code>
      {about.length ? <span className="sub">{about.join(", ")}</span> : null}
    </>
  );
}

function Chain({ chain }: { chain: readonly string[] }) {
  return (
    <section aria-label="How it comes to this">
      <h3>How it comes to this</h3>
      <ol className="chain">
        {chain.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </section>
  );
}

function UnderWay({ resolution }: { resolution: Resolution }) {
  const waits = resolution.unanswered ?? [];
  const answered = (resolution.agents ?? []).filter((each) => !waits.includes(each));
  return (
    <div className="underway" role="status">
      <Badge tone="warn" mark="◆">
        {resolution.stage === "proposed" ? "proposed" : "under way"}
      </Badge>
      <p>
        {resolution.by} asked for {resolution.resolution} ({resolution.strategy}) <Ago time={resolution.since} />: “{resolution.reason}”.
        {waits.length ? <Waits resolution={resolution} waits={waits} /> : null}
        {waits.length && answered.length ? ` ${listed(answered)} ${answered.length === 1 ? "has" : "have"} answered.` : ""}
      </p>
    </div>
  );
}

function Waits({ resolution, waits }: { resolution: Resolution; waits: readonly string[] }) {
  const until = resolution.seconds ? new Date(Date.parse(resolution.since) + resolution.seconds * 1000).toISOString() : null;
  return (
    <>
      {" "}
      It waits for {listed(waits)} to answer{until ? <>, until <Until time={until} /></> : null}.
    </>
  );
}

/** What came of the last attempt, where that is nothing; `now` is the attempt that is under way. */
function Ended({ project, conflict, now }: { project: string; conflict: string; now: string | undefined }) {
  const found = ending(useEvents(), project, conflict);
  const shown = found?.resolution === now ? null : found;
  const news = useRef<HTMLDivElement>(null);
  const isFirst = useRef(true);
  // The form that had the focus went with the proposal: who uses the keyboard goes on from what came of it.
  useEffect(() => {
    if (!isFirst.current && shown !== null && document.activeElement === document.body) news.current?.focus();
    isFirst.current = false;
  }, [shown?.resolution]);
  return (
    <div role="status" tabIndex={-1} ref={news} className="ended">
      {shown ? (
        <div className="underway">
          <Badge tone="quiet" mark="▽">{shown.isRefused ? "refused" : "came to nothing"}</Badge>
          <p>
            {shown.resolution} {shown.isRefused ? "is refused" : "came to nothing"}: {shown.reason}. Nothing was changed.
          </p>
        </div>
      ) : null}
    </div>
  );
}

function Until({ time }: { time: string }) {
  return <time dateTime={time}>{time.replace("T", " ").slice(0, 16)} UTC</time>;
}

function Waived({ waiver }: { waiver: Waiver }) {
  return (
    <div className="underway" role="status">
      <Badge tone="info" mark="∥">
        waived
      </Badge>
      <p>
        {waiver.by} lets it stand until <Until time={waiver.until} />: “{waiver.reason}”.
      </p>
    </div>
  );
}
