// How screens read the store.
import { useEffect, useState, useSyncExternalStore } from "react";
import { type Who, onSession, whoIs } from "../api/session";
import type { LogEvent } from "./event";
import type { Link } from "./link";
import type { Reading, Source } from "./resource";
import { store } from "./store";

export function useLink(): Link {
  return useSyncExternalStore(store.subscribe, store.link);
}

export function useEvents(): readonly LogEvent[] {
  return useSyncExternalStore(store.subscribe, store.events);
}

export function useWho(): Who {
  return useSyncExternalStore(onSession, whoIs);
}

/** A resource by its name; `source` is made once for each name. */
export function useResource<T>(name: string, source: () => Source<T>): Reading<T> & { refresh: () => void } {
  const resource = store.resource(name, source);
  const reading = useSyncExternalStore(resource.subscribe, resource.get);
  return { ...reading, refresh: resource.refresh };
}

/** The time by the calendar, so often; for what says how long ago something was. Nothing ticks that nobody sees. */
export function useNow(every = 1000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** What falls silent makes no event: it is read again while somebody looks. */
export function useAgain(refresh: () => void, every: number): void {
  const now = useNow(every);
  useEffect(() => refresh(), [now, refresh]);
}

/** What somebody types, once it has stood still for so many milliseconds; what is asked for it may cost something. */
export function useSettled(value: string, milliseconds: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}

const NARROW = window.matchMedia?.("(max-width: 44rem)");

/** Whether the page is as narrow as on a phone. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      NARROW?.addEventListener("change", listener);
      return () => NARROW?.removeEventListener("change", listener);
    },
    () => NARROW?.matches ?? false,
  );
}
