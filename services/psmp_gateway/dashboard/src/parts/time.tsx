// A moment, told as how long ago it was or how long it has lasted; the exact time is in the title and for machines.
import { useNow } from "../live/use";
import { ago, span } from "./words";

export function Ago({ time }: { time: string }) {
  return <Moment time={time} spell={ago} />;
}

/** How long something has lasted that began then. */
export function Since({ time }: { time: string }) {
  return <Moment time={time} spell={(began, now) => span(now - Date.parse(began))} />;
}

function Moment({ time, spell }: { time: string; spell: (time: string, now: number) => string }) {
  const now = useNow(1000);
  if (!time) return null;
  return (
    <time dateTime={time} title={`${time.slice(0, 23).replace("T", " ")} UTC`}>
      {spell(time, now)}
    </time>
  );
}
