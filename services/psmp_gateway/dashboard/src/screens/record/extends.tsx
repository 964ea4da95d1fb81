// Whether the log of a project was only ever added to: from one checkpoint to a later one. Both stand in the address.
import type { Status } from "../../api/words";
import { type Checkpoint, useCheckpoints, useConsistency } from "../../live/record";
import { Loading } from "../../parts/loading";
import { Fault } from "../../parts/notes";
import { count } from "../../parts/words";
import { useQuery } from "../../routing/address";
import { checkConsistency } from "./checking";
import { save } from "./saving";
import { Steps } from "./steps";

export function Extends({ status }: { status: Status }) {
  const { data } = useCheckpoints(status.project);
  const [since, setSince] = useQuery("since");
  const [to, setTo] = useQuery("upto");
  const points = data ?? [];
  const newer = points.find((each) => String(each.size) === to) ?? points[0];
  const earlier = points.filter((each) => newer !== undefined && each.size < newer.size);
  const older = earlier.find((each) => String(each.size) === since) ?? earlier.at(-1);
  return (
    <section aria-labelledby="extends">
      <h2 id="extends">Was anything changed between two checkpoints?</h2>
      {older === undefined || newer === undefined ? (
        <p className="none">That takes two checkpoints; the next round signs one where something is new.</p>
      ) : (
        <>
          <div className="travel">
            <Choice name="From" points={earlier} value={older} onChange={setSince} />
            <Choice name="to" points={points.slice(0, -1)} value={newer} onChange={setTo} />
          </div>
          <Proved key={`${older.size}/${newer.size}`} project={status.project} older={older} newer={newer} />
        </>
      )}
    </section>
  );
}

function Choice({ name, points, value, onChange }: { name: string; points: readonly Checkpoint[]; value: Checkpoint; onChange: (size: string) => void }) {
  return (
    <label className="choose">
      {name}
      <select value={value.size} onChange={(event) => onChange(event.target.value)}>
        {points.map((each) => (
          <option key={each.size} value={each.size}>
            {each.size} records, {each.signed_at.slice(0, 19).replace("T", " ")}
          </option>
        ))}
      </select>
    </label>
  );
}

function Proved({ project, older, newer }: { project: string; older: Checkpoint; newer: Checkpoint }) {
  const { data, problem, refresh } = useConsistency(project, older.size, newer.size);
  if (data === null) return problem ? <Fault problem={problem} retry={refresh} /> : <Loading what="the proof" />;
  return (
    <div className="verdict">
      <Steps of={`${older.size}/${data.size}`} holds="only added to" check={() => checkConsistency(data, older)} />
      <details>
        <summary>The proof, {count(data.hashes.length, "hash", "hashes")}</summary>
        <pre className="json">{data.text}</pre>
      </details>
      <button type="button" onClick={() => save(`${project}-${data.since}-${data.size}.consistency`, data.text)}>
        Save the proof
      </button>
    </div>
  );
}
