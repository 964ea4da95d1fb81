// Going back in time: a project as it stood after one of its events. The address says which; `at` is absent for now.
import { type ReactNode, useId } from "react";
import type { Status } from "../../api/words";
import { Loading } from "../../parts/loading";
import { Fault } from "../../parts/notes";
import { Ago } from "../../parts/time";
import { phrase } from "../../parts/words";
import { usePast } from "../../live/record";
import { useQuery } from "../../routing/address";

/** The event as of which the project is shown, and how to go to another; null is now. */
export function useAt(newest: number): [number | null, (at: number | null) => void] {
  const [said, set] = useQuery("at");
  const at = /^[1-9]\d*$/.test(said) ? Number(said) : null;
  return [at !== null && at < newest ? at : null, (next) => set(next === null || next >= newest ? "" : String(next))];
}

interface AsOfProps {
  now: Status;
  /** What is shown is the record itself: it can be read in the past as well, and one can go there from it. */
  isRecord: boolean;
  children: (status: Status) => ReactNode;
}

/** Shows `children` with the project as of the event that the address names. In the past nothing can be done. */
export function AsOf({ now, isRecord, children }: AsOfProps) {
  const [at, go] = useAt(now.sequence);
  function back(): void {
    go(null);
    document.querySelector<HTMLElement>("h1")?.focus(); // the button that had the focus is gone
  }
  return (
    <>
      {at !== null || isRecord ? (
        <section className={at === null ? "nowbar" : "pastbar"} aria-label="Time travel">
          {at === null ? null : <When now={now} at={at} />}
          <Slider now={now} />
          {at === null ? null : (
            <button type="button" onClick={back}>
              Back to now
            </button>
          )}
        </section>
      ) : null}
      {at === null ? children(now) : <Past now={now} at={at} isRecord={isRecord}>{children}</Past>}
    </>
  );
}

function When({ now, at }: { now: Status; at: number }) {
  const { data } = usePast(now.project, at);
  return (
    <p role="status">
      <strong>This is the past:</strong> {now.name || now.project} as it stood after event <span className="sequence">{at}</span>
      {data ? <>, {phrase(data.state)}, <Ago time={data.time} /></> : null}. Now it is at event <span className="sequence">{now.sequence}</span>.
    </p>
  );
}

function Past({ now, at, isRecord, children }: AsOfProps & { at: number }) {
  const { data, problem, refresh } = usePast(now.project, at);
  if (data === null) return problem ? <Fault problem={problem} retry={refresh} /> : <Loading what={`event ${at}`} />;
  return (
    <fieldset className="past" disabled={!isRecord}>
      <legend className="hidden">As of event {at}; nothing can be changed in the past</legend>
      {children(data)}
    </fieldset>
  );
}

/** Which event; its last place is now. */
function Slider({ now }: { now: Status }) {
  const [at, go] = useAt(now.sequence);
  const field = useId();
  const shown = at ?? now.sequence;
  const take = (value: string) => /^\d+$/.test(value) && Number(value) >= 1 && go(Number(value));
  return (
    <div className="travel">
      <label htmlFor={field}>As of event</label>
      <input type="range" min={1} max={now.sequence} value={shown} aria-label="As of event, as a slider" aria-valuetext={at === null ? `${shown}, now` : `event ${shown}`} onChange={(event) => take(event.target.value)} />
      <input id={field} type="number" min={1} max={now.sequence} value={shown} onChange={(event) => take(event.target.value)} />
      <span className="hint">of {now.sequence}{at === null ? ", now" : ""}</span>
    </div>
  );
}
