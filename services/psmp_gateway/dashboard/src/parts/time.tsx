// A moment, told as how long ago it was; the exact time is in the title and for machines.
import { useNow } from "../live/use";
import { ago } from "./words";

export function Ago({ time }: { time: string }) {
  const now = useNow(time ? 5000 : 60_000);
  if (!time) return null;
  return (
    <time dateTime={time} title={time.replace("T", " ").replace(/\.(\d{3})\d*/, ".$1")}>
      {ago(time, now)}
    </time>
  );
}
